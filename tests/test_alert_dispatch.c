/* Who is told of what and when: a table of what happens, second by second, and of what is told, by a clock that the test
 * holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "client/alert/dispatch.h"
#include "tests/alert_support.h"

#define S UINT64_C(1000000)

/* Rules of one state each: "+Low.a", an event BeginLow of source a, makes it firing, "-Low.a" ends it. */
#define RULES                                                                                                          \
    "rules:\n"                                                                                                         \
    "- {name: Low, match: {type: BeginLow}, clear: {type: EndLow}, labels: {severity: low}, receiver: ops}\n"          \
    "- {name: High, match: {type: BeginHigh}, clear: {type: EndHigh}, labels: {severity: high}, receiver: ops}\n"      \
    "- {name: Fast, match: {type: BeginFast}, clear: {type: EndFast}, repeat_interval: 10s, receiver: ops}\n"
#define ALONE "receivers: {ops: [webhook: {url: 'http://192.0.2.1'}]}\n"
#define GROUPED                                                                                                        \
    "receivers: {ops: {targets: [webhook: {url: 'http://192.0.2.1'}], group_by: [alertname], group_wait: 5s, "         \
    "group_interval: 20s, repeat_interval: 100s}}\n"
#define ALL_IN_ONE "receivers: {ops: {targets: [], group_by: [], group_wait: 0s, group_interval: 20s}}\n"
#define MANAGER    "receivers: {ops: [alertmanager: {url: 'http://192.0.2.1', resend_interval: 7s}]}\n"
#define INHIBIT                                                                                                        \
    "inhibit_rules: [{source_matchers: [severity=high], target_matchers: ['severity=~\"low|none\"'], equal: "          \
    "[sourceId]}]\n"

struct told {
    struct alert_support support;
    struct rules_file rules;
    struct engine *engine;
    struct dispatch *dispatch;
    struct silences silences;
    struct text text;
};

static void on_letter(void *context, const struct receiver *receiver, bool is_managers, enum tell tell,
                      const struct letter *letter, uint64_t at_us)
{
    struct told *told = context;
    bool is_ops = strcmp(receiver->name, "ops") == 0;
    text_printf(&told->text, "%llu%s%s%s%s[", (unsigned long long)(at_us / S), is_managers ? " manager" : "",
                tell == TELL_AGAIN ? " again" : "", is_ops ? "" : " ", is_ops ? "" : receiver->name);
    for (size_t i = 0; i < letter->count; i++)
        text_printf(&told->text, "%s%c%s.%s", i > 0 ? " " : "", letter->notices[i].is_firing ? '+' : '-',
                    notice_label(&letter->notices[i], "alertname"), notice_label(&letter->notices[i], "sourceId"));
    if (letter->superseded > 0)
        text_printf(&told->text, " superseded %zu", letter->superseded);
    if (letter->others > 0)
        text_printf(&told->text, " others %zu", letter->others);
    text_put_str(&told->text, "] ");
}

static void on_alert(void *context, const struct alert *alert)
{
    struct told *told = context;
    dispatch_alert(told->dispatch, alert, alert->is_firing ? alert->starts_us : alert->ends_us);
}

static void read_rules(struct told *told, const char *yaml)
{
    struct text message;
    text_init(&message);
    if (!rules_file_parse(&told->rules, span_of_str(yaml), "rules.yaml", &message))
        fail_msg("%.*s", (int)message.len, message.data);
}

static void begin(struct told *told, const char *yaml)
{
    struct dispatch_calls calls = {NULL, on_letter, told};
    *told = (struct told){.engine = NULL};
    alert_support_init(&told->support);
    text_init(&told->text);
    read_rules(told, yaml);
    told->engine = engine_new(&told->rules.rules, 0, 7, on_alert, told);
    told->dispatch = dispatch_new(&told->rules, &calls);
    assert_true(told->engine && told->dispatch);
}

static void end(struct told *told)
{
    engine_free(&told->engine);
    dispatch_free(&told->dispatch);
    silences_fini(&told->silences);
    rules_file_fini(&told->rules);
    alert_support_fini(&told->support);
    text_fini(&told->text);
}

static void happens(struct told *told, const char *what, size_t len, uint64_t at_us)
{
    char json[160];
    const char *dot = memchr(what, '.', len);
    snprintf(json, sizeof json,
             "{\"level\":\"Info\",\"category\":\"C\",\"type\":\"%s%.*s\",\"sourceId\":\"%.*s\",\"summary\":\"x\"}",
             *what == '+' ? "Begin" : "End", (int)(dot - what) - 1, what + 1, (int)(len - (size_t)(dot - what) - 1),
             dot + 1);
    engine_take(told->engine, alert_support_message(&told->support, json, at_us));
}

/* From 'from' to 'to' seconds: nothing of whom the label `matcher` is true for is told. */
static void silence(struct told *told, const char *matcher, uint64_t from, uint64_t to)
{
    struct silence one = {.id = "0123456789abcdef",
                          .starts_us = from * S,
                          .ends_us = to * S,
                          .author = strdup("me"),
                          .comment = strdup("why")};
    struct text why;
    text_init(&why);
    assert_true(label_matchers_add(&one.matchers, span_of_str(matcher), &why));
    assert_true(silences_add(&told->silences, &one));
    dispatch_silence(told->dispatch, &told->silences);
}

/* "2+Low.a 3-Low.a": at second 2 …; "!5-9" silences source a from 5 to 9. Time goes on to `until` in seconds. */
static void live(struct told *told, const char *what, uint64_t until)
{
    uint64_t second = 1;
    while (*what) {
        unsigned at = 0, to = 0;
        size_t len = strcspn(what, " ");
        if (sscanf(what, "!%u-%u", &at, &to) == 2) {
            silence(told, "sourceId=a", at, to);
        } else {
            assert_int_equal(sscanf(what, "%u", &at), 1);
            size_t digits = strspn(what, "0123456789");
            for (; second < at; second++) {
                engine_advance(told->engine, second * S);
                dispatch_advance(told->dispatch, second * S, second * S);
                dispatch_remind(told->dispatch, second * S);
            }
            happens(told, what + digits, len - digits, at * S);
        }
        what += len + (what[len] == ' ');
    }
    for (; second <= until; second++) {
        engine_advance(told->engine, second * S);
        dispatch_advance(told->dispatch, second * S, second * S);
        dispatch_remind(told->dispatch, second * S);
    }
    text_put_char(&told->text, '\0');
}

static const struct {
    const char *name;
    const char *yaml;
    const char *what;
    uint64_t until;
    const char *told;
} cases[] = {
    {"each alone, at once", ALONE RULES, "2+Low.a 2+Low.b 5-Low.a", 30, "2[+Low.a] 2[+Low.b] 5[-Low.a] "},
    {"a group waits for more", GROUPED RULES, "2+Low.a 4+Low.b 4+High.a", 30, "7[+Low.a +Low.b] 9[+High.a] "},
    {"a group's news come at its interval", GROUPED RULES, "2+Low.a 8+Low.b 9+Low.c 10-Low.a", 60,
     "7[+Low.a] 27[-Low.a +Low.b +Low.c] "},
    {"late news come at once", GROUPED RULES, "2+Low.a 40+Low.b", 60, "7[+Low.a] 40[+Low.b +Low.a] "},
    {"what began and ended while the group waited is told", GROUPED RULES, "2+Low.a 3-Low.a", 60, "7[-Low.a] "},
    {"what begins again before its end was told", GROUPED RULES, "2+Low.a 8-Low.a 9+Low.a", 60,
     "7[+Low.a] 27[+Low.a superseded 1] "},
    {"a group that has ended is a new one afterwards", GROUPED RULES, "2+Low.a 8-Low.a 40+Low.a", 60,
     "7[+Low.a] 27[-Low.a] 45[+Low.a] "},
    {"all in one", ALL_IN_ONE RULES, "2+Low.a 3+High.b 4+Fast.c", 25, "2[+Low.a] 22[+High.b +Fast.c +Low.a] "},
    {"what goes on is told again", ALONE RULES, "2+Fast.a 27-Fast.a", 60,
     "2[+Fast.a] 12 again[+Fast.a] 22 again[+Fast.a] 27[-Fast.a] "},
    {"a group is told again as its receiver has it", GROUPED RULES, "2+Low.a 3+Low.b", 120,
     "7[+Low.a +Low.b] 107 again[+Low.a +Low.b] "},
    {"a rule's repeat_interval goes before", GROUPED RULES, "2+Fast.a", 30,
     "7[+Fast.a] 17 again[+Fast.a] 27 again[+Fast.a] "},
    {"an Alertmanager hears again of what goes on", MANAGER RULES, "2+Low.a 12-Low.a", 30,
     "2 manager[+Low.a] 9 manager again[+Low.a] 12 manager[-Low.a] "},
    {"a source inhibits its targets", ALONE INHIBIT RULES, "2+High.a 3+Low.a 3+Low.b 6-Low.a 7-High.a", 30,
     "2[+High.a] 3[+Low.b] 7[-High.a] "},
    {"what goes on when its inhibition ends is told then", ALONE INHIBIT RULES, "2+High.a 3+Low.a 7-High.a", 30,
     "2[+High.a] 7[-High.a] 7[+Low.a] "},
    {"whoever was told of a beginning is told of its end", ALONE INHIBIT RULES, "2+Low.a 3+High.a 5-Low.a", 30,
     "2[+Low.a] 3[+High.a] 5[-Low.a] "},
    {"a group that waits sees a source that comes later", GROUPED INHIBIT RULES, "2+Low.a 3+High.a", 30, "8[+High.a] "},
    {"a silence", ALONE RULES, "!1-10 2+Low.a 2+Low.b 4-Low.a", 30, "2[+Low.b] "},
    {"what goes on when its silence ends is told then", ALONE RULES, "!1-10 2+Low.a", 30, "10[+Low.a] "},
    {"a silence to come", ALONE RULES, "!5-10 2+Low.a 6+High.a", 30, "2[+Low.a] 10[+High.a] "},
    {"an end is told over a silence to whoever knows the beginning", ALONE RULES, "2+Low.a !3-20 6-Low.a", 30,
     "2[+Low.a] 6[-Low.a] "},
    {"what is silenced is not told again", ALONE RULES, "2+Fast.a !8-30", 40, "2[+Fast.a] 32 again[+Fast.a] "},
    {"a silence keeps a group from those it is for", GROUPED RULES, "!1-90 2+Low.a 3+Low.b", 120,
     "7[+Low.b] 90[+Low.a +Low.b] "},
    {"an Alertmanager is silenced too", MANAGER RULES, "!1-10 2+Low.a", 20,
     "10 manager[+Low.a] 17 manager again[+Low.a] "},
};

static void what_is_told_and_when(void **state)
{
    (void)state;
    bool has_failed = false;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct told told;
        begin(&told, cases[i].yaml);
        live(&told, cases[i].what, cases[i].until);
        if (strcmp(told.text.data, cases[i].told) != 0) {
            print_error("%s: expected %s, was told %s\n", cases[i].name, cases[i].told, told.text.data);
            has_failed = true;
        }
        end(&told);
    }
    assert_false(has_failed);
}

static void a_group_of_many_is_told_in_letters_of_a_hundred_and_none_is_left_out(void **state)
{
    (void)state;
    struct told told;
    char what[16];
    begin(&told, GROUPED RULES);
    for (unsigned i = 0; i < 250; i++)
        happens(&told, what, (size_t)snprintf(what, sizeof what, "+Low.%u", i), 2 * S);
    dispatch_advance(told.dispatch, 7 * S, 7 * S);
    text_put_char(&told.text, '\0');
    for (unsigned i = 0; i < 250; i++) {
        snprintf(what, sizeof what, "+Low.%u", i);
        assert_non_null(strstr(told.text.data, what));
    }
    assert_non_null(strstr(told.text.data, " others 150] 7["));
    end(&told);
}

static void what_has_ended_and_waits_is_bounded_and_told_early(void **state)
{
    (void)state;
    struct told told;
    char what[24];
    begin(&told, GROUPED RULES);
    for (unsigned i = 0; i < 10100; i++) {
        happens(&told, what, (size_t)snprintf(what, sizeof what, "+Low.%u", i), 2 * S);
        happens(&told, what, (size_t)snprintf(what, sizeof what, "-Low.%u", i), 2 * S);
    }
    assert_true(dispatch_count(told.dispatch) < 200);
    text_put_char(&told.text, '\0');
    assert_non_null(strstr(told.text.data, "-Low.10000"));
    end(&told);
}

static void confirm(void *context, const struct alert *alert)
{
    struct told *told = context;
    dispatch_confirm(told->dispatch, alert, 2 * S);
}

static void receivers_that_a_rule_names_no_more_hear_of_the_end_and_new_ones_of_the_beginning(void **state)
{
    (void)state;
    static const char before[] = "receivers: {a: [], b: []}\n"
                                 "rules: [{name: R, match: {type: BeginR}, clear: {type: EndR}, receiver: a}]\n";
    static const char after[] =
        "receivers: {b: [], a: []}\n"
        "rules: [{name: R, match: {type: BeginR}, clear: {type: EndR}, receiver: b, repeat_interval: 5s}]\n";
    struct told told;
    struct text saved;
    begin(&told, before);
    happens(&told, "+R.s", 4, 2 * S);
    text_init(&saved);
    engine_save(told.engine, &saved);
    dispatch_save(told.dispatch, &saved);
    end(&told);
    begin(&told, after);
    struct wire_reader reader = wire_reader_of(text_span(&saved));
    assert_true(engine_restore(told.engine, &reader) && dispatch_restore(told.dispatch, &reader));
    engine_each_firing(told.engine, confirm, &told);
    dispatch_end_unknown(told.dispatch, 3 * S);
    live(&told, "9-R.s", 9);
    assert_string_equal(told.text.data, "2 b[+R.s] 8 again b[+R.s] 9 a[-R.s] 9 b[-R.s] ");
    text_fini(&saved);
    end(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_and_when),
        cmocka_unit_test(a_group_of_many_is_told_in_letters_of_a_hundred_and_none_is_left_out),
        cmocka_unit_test(what_has_ended_and_waits_is_bounded_and_told_early),
        cmocka_unit_test(receivers_that_a_rule_names_no_more_hear_of_the_end_and_new_ones_of_the_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
