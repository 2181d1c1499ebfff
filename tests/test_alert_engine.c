/* Each kind of rule, with a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/alert/engine.h"
#include "client/alert/rules_file.h"
#include "tests/alert_support.h"

#define S UINT64_C(1000000)

/* "+Name key@seconds" for an alert that begins, "-Name key@seconds" for one that ends. */
static struct text told;
static struct alert_support support;
static struct rules_file file;
static struct engine *engine;
static size_t event_len; /* of the alert that was told last */

static void tell(void *context, const struct alert *alert)
{
    (void)context;
    event_len = alert->event.len;
    text_printf(&told, "%s%c%s", told.len > 0 ? " " : "", alert->is_firing ? '+' : '-', alert->rule->name);
    for (size_t at = 0; at < alert->key.len; at += strlen((const char *)alert->key.data + at) + 1)
        text_printf(&told, ":%s", (const char *)alert->key.data + at);
    text_printf(&told, "@%.1f", (double)(alert->is_firing ? alert->starts_us : alert->ends_us) / 1e6);
}

static void begin(const char *yaml)
{
    struct text message;
    text_init(&message);
    if (!rules_file_parse(&file, span_of_str(yaml), "rules.yaml", &message))
        fail_msg("%.*s", (int)message.len, message.data);
    engine = engine_new(&file.rules, 0, 7, tell, NULL);
    assert_non_null(engine);
}

static void happens(double at_s, const char *members)
{
    char json[1024];
    snprintf(json, sizeof json, "{\"level\":\"Info\",\"category\":\"CoreEvent\",\"summary\":\"it happened\",%s}",
             members);
    engine_take(engine, alert_support_message(&support, json, (uint64_t)(at_s * 1e6)));
}

static void assert_told(const char *expected)
{
    text_put_char(&told, '\0');
    assert_string_equal(told.data, expected);
    text_clear(&told);
}

static int set_up(void **state)
{
    (void)state;
    text_init(&told);
    alert_support_init(&support);
    file = (struct rules_file){.rules = {.count = 0}};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    engine_free(&engine);
    rules_file_fini(&file);
    alert_support_fini(&support);
    text_fini(&told);
    return 0;
}

static void an_event_that_matches_alerts_once_until_none_came_for_a_while(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Bad}, keep_firing_for: 10s}\n");
    happens(1, "\"type\":\"Good\",\"sourceId\":\"a\"");
    happens(2, "\"type\":\"Bad\",\"sourceId\":\"a\"");
    happens(7, "\"type\":\"Bad\",\"sourceId\":\"a\"");
    happens(8, "\"type\":\"Bad\",\"sourceId\":\"b\"");
    assert_told("+R:a@2.0 +R:b@8.0");
    engine_advance(engine, 16 * S);
    assert_int_equal(engine_count(engine).firing, 2);
    engine_advance(engine, 30 * S);
    assert_told("-R:a@17.0 -R:b@18.0");
    happens(31, "\"type\":\"Bad\",\"sourceId\":\"a\"");
    assert_told("+R:a@31.0");
    assert_int_equal(engine_due_us(engine), 41 * S);
}

static const char not_ready[] = "rules:\n"
                                "- name: NotReady\n"
                                "  match: {type: E_CORE_SR_STATUS_CHANGED, snapshot.status: \"< 0\"}\n"
                                "  clear: {type: E_CORE_SR_STATUS_CHANGED, snapshot.status: \"> 0\"}\n"
                                "  by: [sourceId]\n"
                                "  for: 2s\n";

static void status(double at_s, const char *source, const char *value)
{
    char members[256];
    snprintf(members, sizeof members,
             "\"type\":\"E_CORE_SR_STATUS_CHANGED\",\"sourceId\":\"%s\",\"snapshot\":{\"status\":%s}", source, value);
    happens(at_s, members);
}

static void a_state_alerts_when_it_has_lasted_and_ends_with_its_opposite(void **state)
{
    (void)state;
    begin(not_ready);
    status(1, "sip1", "-1");
    status(2, "sip1", "1");
    status(3, "sip1", "-2");
    status(4, "sip1", "-3");
    status(4.5, "sip2", "-1");
    assert_told("");
    engine_advance(engine, 6 * S);
    assert_told("+NotReady:sip1@5.0");
    status(6.25, "sip2", "1");
    status(7, "sip1", "1");
    status(8, "sip1", "1");
    assert_told("-NotReady:sip1@7.0");
    assert_int_equal(engine_count(engine).groups, 0);
}

static void a_number_in_a_string_is_compared_as_a_number(void **state)
{
    (void)state;
    begin(not_ready);
    status(1, "sip1", "\"-10\"");
    engine_advance(engine, 3 * S);
    status(4, "sip1", "\"10\"");
    assert_told("+NotReady:sip1@3.0 -NotReady:sip1@4.0");
}

static void neither_alerts_nor_clears_what_lies_between(void **state)
{
    (void)state;
    begin(not_ready);
    status(1, "sip1", "-1");
    status(1.5, "sip1", "0");
    engine_advance(engine, 9 * S);
    assert_told("+NotReady:sip1@3.0");
    status(10, "sip1", "0");
    status(11, "sip1", "null");
    assert_told("");
}

static void a_state_that_comes_back_within_keep_firing_for_is_one_alert(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Down}, clear: {type: Up}, keep_firing_for: 5s}\n");
    happens(1, "\"type\":\"Down\",\"sourceId\":\"a\"");
    happens(2, "\"type\":\"Up\",\"sourceId\":\"a\"");
    happens(4, "\"type\":\"Down\",\"sourceId\":\"a\"");
    engine_advance(engine, 60 * S);
    assert_told("+R:a@1.0");
    happens(61, "\"type\":\"Up\",\"sourceId\":\"a\"");
    happens(63, "\"type\":\"Up\",\"sourceId\":\"a\"");
    engine_advance(engine, 70 * S);
    assert_told("-R:a@66.0");
}

/* So that ten thousand alerts a rule cannot hold ten thousand times a megabyte. */
static void of_a_large_event_all_but_the_snapshot_is_remembered(void **state)
{
    (void)state;
    struct text json;
    text_init(&json);
    begin("rules:\n- {name: R, match: {type: Big, snapshot.n: 7}, keep_firing_for: 10s}\n");
    for (unsigned len = 60000; len <= 70000; len += 10000) {
        text_clear(&json);
        text_printf(
            &json,
            "{\"level\":\"Info\",\"category\":\"c\",\"type\":\"Big\",\"sourceId\":\"s%u\",\"snapshot\":{\"n\":7,"
            "\"text\":\"",
            len);
        for (unsigned i = 0; i < len; i++)
            text_put_char(&json, 'x');
        text_put_str(&json, "\"},\"summary\":\"large\"}");
        text_put_char(&json, '\0');
        engine_take(engine, alert_support_message(&support, json.data, len));
        assert_true(len == 60000 ? event_len > len : event_len > 30 && event_len < 200);
    }
    text_fini(&json);
    engine_advance(engine, 60 * S);
    assert_told("+R:s60000@0.1 +R:s70000@0.1 -R:s60000@10.1 -R:s70000@10.1");
}

static void so_many_within_a_window_alert_and_fewer_end_it(void **state)
{
    (void)state;
    begin("rules:\n- {name: Storm, match: {type: Gone}, count: {at_least: 3, within: 10s}}\n");
    happens(0, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    happens(6, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    happens(11, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    happens(12, "\"type\":\"Gone\",\"sourceId\":\"b\"");
    assert_told("");
    happens(13, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    assert_told("+Storm:a@13.0");
    happens(15, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    engine_advance(engine, 20 * S);
    assert_told("");
    engine_advance(engine, 60 * S);
    assert_told("-Storm:a@21.0");
    assert_int_equal(engine_count(engine).groups, 0);
}

static void a_count_may_run_over_all_sources(void **state)
{
    (void)state;
    begin("rules:\n- {name: Storm, match: {type: Gone}, count: {at_least: 2, within: 1s}, by: []}\n");
    happens(1, "\"type\":\"Gone\",\"sourceId\":\"a\"");
    happens(1.5, "\"type\":\"Gone\",\"sourceId\":\"b\"");
    assert_told("+Storm@1.5");
}

static void a_rate_is_so_many_in_each_period_as_a_mean(void **state)
{
    (void)state;
    begin("rules:\n- {name: Fast, match: {type: Hit}, rate: {at_least: 2, per: 1s, over: 3s}}\n");
    for (unsigned i = 0; i < 6; i++)
        happens(1 + i * 0.4, "\"type\":\"Hit\",\"sourceId\":\"a\"");
    assert_told("+Fast:a@3.0");
}

static void a_great_count_keeps_few_times(void **state)
{
    (void)state;
    begin("rules:\n- {name: Many, match: {type: Hit}, count: {at_least: 100000, within: 10s}}\n");
    for (unsigned i = 0; i < 99999; i++)
        happens(1 + i * 1e-5, "\"type\":\"Hit\",\"sourceId\":\"a\"");
    assert_told("");
    happens(2, "\"type\":\"Hit\",\"sourceId\":\"a\"");
    assert_told("+Many:a@2.0");
}

static void silence_alerts_for_each_source_that_was_heard(void **state)
{
    (void)state;
    begin("rules:\n- {name: Silent, match: {sourceId: \"sip*\"}, absent: 60s, forget: 200s}\n");
    happens(10, "\"type\":\"T\",\"sourceId\":\"sip1\"");
    happens(20, "\"type\":\"T\",\"sourceId\":\"sip2\"");
    happens(65, "\"type\":\"T\",\"sourceId\":\"sip2\"");
    engine_advance(engine, 100 * S);
    assert_told("+Silent:sip1@70.0");
    happens(110, "\"type\":\"T\",\"sourceId\":\"sip1\"");
    assert_told("-Silent:sip1@110.0");
    engine_advance(engine, 300 * S);
    assert_told("+Silent:sip2@125.0 +Silent:sip1@170.0 -Silent:sip2@265.0");
}

static void silence_from_the_start_on_alerts_under_the_patterns_own_text(void **state)
{
    (void)state;
    begin("rules:\n- {name: Silent, match: {sourceId: \"sip*\"}, absent: 60s}\n"
          "- {name: Gone, match: {sourceId: sip9}, absent: 30s}\n");
    engine_advance(engine, 80 * S);
    assert_told("+Gone:sip9@30.0 +Silent:sip*@60.0");
    happens(90, "\"type\":\"T\",\"sourceId\":\"sip9\"");
    assert_told("-Silent:sip*@90.0 -Gone:sip9@90.0");
}

static void what_was_never_seen_before_alerts_after_the_time_of_learning(void **state)
{
    (void)state;
    begin("rules:\n- {name: New, match: {category: CoreEvent}, new: 10s, by: [type], keep_firing_for: 1s}\n");
    happens(1, "\"type\":\"A\",\"sourceId\":\"a\"");
    happens(11, "\"type\":\"A\",\"sourceId\":\"b\"");
    assert_told("");
    happens(12, "\"type\":\"B\",\"sourceId\":\"b\"");
    happens(20, "\"type\":\"B\",\"sourceId\":\"c\"");
    assert_told("+New:B@12.0 -New:B@13.0");
}

static void time_never_goes_back(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Bad}, keep_firing_for: 10s}\n");
    happens(100, "\"type\":\"Bad\",\"sourceId\":\"a\"");
    happens(50, "\"type\":\"Bad\",\"sourceId\":\"b\"");
    assert_told("+R:a@100.0 +R:b@100.0");
}

static void beyond_its_limit_a_rule_takes_no_more_alerts_and_counts(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Bad}, keep_firing_for: 10s}\n");
    char members[64];
    for (unsigned i = 0; i < ENGINE_GROUPS_MAX + 5; i++) {
        snprintf(members, sizeof members, "\"type\":\"Bad\",\"sourceId\":\"s%u\"", i);
        happens(1, members);
    }
    assert_int_equal(engine_count(engine).firing, ENGINE_GROUPS_MAX);
    assert_int_equal(engine_count(engine).overflown, 5);
    engine_advance(engine, 60 * S);
    assert_int_equal(engine_count(engine).firing, 0);
    assert_int_equal(engine_count(engine).groups, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_that_matches_alerts_once_until_none_came_for_a_while),
        TEST(a_state_alerts_when_it_has_lasted_and_ends_with_its_opposite),
        TEST(a_number_in_a_string_is_compared_as_a_number),
        TEST(neither_alerts_nor_clears_what_lies_between),
        TEST(a_state_that_comes_back_within_keep_firing_for_is_one_alert),
        TEST(of_a_large_event_all_but_the_snapshot_is_remembered),
        TEST(so_many_within_a_window_alert_and_fewer_end_it),
        TEST(a_count_may_run_over_all_sources),
        TEST(a_rate_is_so_many_in_each_period_as_a_mean),
        TEST(a_great_count_keeps_few_times),
        TEST(silence_alerts_for_each_source_that_was_heard),
        TEST(silence_from_the_start_on_alerts_under_the_patterns_own_text),
        TEST(what_was_never_seen_before_alerts_after_the_time_of_learning),
        TEST(time_never_goes_back),
        TEST(beyond_its_limit_a_rule_takes_no_more_alerts_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
