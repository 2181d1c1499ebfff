/* Rules files as people write them, well and badly; conditions one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/alert/rules_file.h"
#include "tests/alert_support.h"
#include "tests/seeded.h"

static const char issue_example[] =
    "receivers:\n"
    "  ops:\n"
    "    - webhook: {url: \"http://127.0.0.1:9000/hook\", secret: \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\", "
    "allow_private: true}\n"
    "  page:\n"
    "    - alertmanager: {url: \"http://127.0.0.1:9093\", allow_private: true}\n"
    "rules:\n"
    "  - name: StreamCreationFailed\n"
    "    match: {category: StreamEvent, type: StreamCreationFailed}\n"
    "    labels: {severity: critical}\n"
    "    receiver: ops\n"
    "  - name: NotReady\n"
    "    match: {type: E_CORE_SR_STATUS_CHANGED, snapshot.status: \"< 0\"}\n"
    "    clear: {type: E_CORE_SR_STATUS_CHANGED, snapshot.status: \"> 0\"}\n"
    "    by: [sourceId]\n"
    "    for: 2s\n"
    "    receiver: page\n"
    "  - name: DisconnectStorm\n"
    "    match: {type: E_CORE_TCP_DISCONNECT}\n"
    "    count: {at_least: 50, within: 10s}\n"
    "    receiver: ops\n"
    "  - name: Silent\n"
    "    match: {sourceId: \"sip1*\"}\n"
    "    absent: 60s\n"
    "    receiver: ops\n";

static void parse(struct rules_file *file, const char *yaml)
{
    struct text message;
    text_init(&message);
    if (!rules_file_parse(file, span_of_str(yaml), "rules.yaml", &message))
        fail_msg("%.*s", (int)message.len, message.data);
    assert_int_equal(message.len, 0);
    text_fini(&message);
}

static void the_example_is_read_in_full(void **state)
{
    (void)state;
    struct rules_file file;
    parse(&file, issue_example);
    assert_int_equal(file.receivers.count, 2);
    assert_string_equal(file.receivers.items[0].name, "ops");
    assert_int_equal(file.receivers.items[0].targets[0].kind, TARGET_WEBHOOK);
    assert_string_equal(file.receivers.items[0].targets[0].options[TARGET_OPTION_WEBHOOK_URL],
                        "http://127.0.0.1:9000/hook");
    assert_int_equal(file.rules.count, 4);
    const struct rule *rules = file.rules.items;
    assert_int_equal(rules[0].kind, RULE_EACH);
    assert_string_equal(rules[0].labels.items[0].value, "critical");
    assert_true(span_is(rules[0].receivers[0], "ops"));
    assert_int_equal(rules[1].kind, RULE_STATE);
    assert_int_equal(rules[1].for_us, 2000000);
    assert_int_equal(rules[2].kind, RULE_COUNT);
    assert_int_equal(rules[2].at_least, 50);
    assert_int_equal(rules[2].window_us, 10000000);
    assert_int_equal(rules[3].kind, RULE_ABSENT);
    assert_int_equal(rules[3].window_us, 60000000);
    assert_int_equal(rules[3].line, 21);
    assert_true(span_is(rules[3].by.items[0], "sourceId"));
    rules_file_fini(&file);
}

static void every_fault_is_told_with_its_place_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        const char *complaint;
    } faults[] = {
        {"", "r:1:1: the file is empty: expected `rules:` and a list"},
        {"- a", "r:1:1: expected a map: receivers and rules"},
        {"rules: [", "r:2:1: did not find expected node content"},
        {"rule: []", "r:1:1: \"rule\" is not known here: expected receivers, inhibit_rules or rules"},
        {"rules: {}", "r:1:8: expected a list of rules"},
        {"rules: []\nrules: []", "r:2:1: \"rules\" is given twice"},
        {"rules:\n- x", "r:2:3: expected a map: a rule, with name and match"},
        {"rules:\n- match: {type: A}", "r:2:3: the rule lacks its name"},
        {"rules:\n- name: A", "r:2:3: the rule lacks match, the events that it is for"},
        {"rules:\n- {name: [], match: {type: A}}", "r:2:10: expected the alert's name"},
        {"rules:\n- {name: A, match: {}}", "r:2:20: expected at least one field, as {category: StreamEvent}"},
        {"rules:\n- {name: A, match: {typ: A}}", "r:2:21: \"typ\" no field of an event: expected category, type, "
                                                 "sourceId, level, cause, summary or a path such "
                                                 "as snapshot.status"},
        {"rules:\n- {name: A, match: {snapshots.a: b}}",
         "r:2:21: \"snapshots.a\" no field of an event: expected category, type, sourceId, level, cause, summary or a "
         "path such as snapshot.status"},
        {"rules:\n- {name: A, match: {type: []}}", "r:2:27: expected at least one value"},
        {"rules:\n- {name: A, match: {level: High}}",
         "r:2:28: \"High\" no level: expected Trace, Debug, Info, Warning or Error, with >= before it for those above "
         "too"},
        {"rules:\n- {name: A, match: {snapshot.n: '< x'}}",
         "r:2:33: \"< x\" expected a number behind the sign, as in \"< 0\""},
        {"rules:\n- {name: A, match: {summary: '~ ('}}", "r:2:30: \"~ (\" no regular expression: Unmatched ( or \\("},
        {"rules:\n- {name: A, match: {type: A}, count: {at_least: 0, within: 1s}}",
         "r:2:49: expected a whole number from 1 to 100000"},
        {"rules:\n- {name: A, match: {type: A}, count: {at_least: 3}}", "r:2:38: expected both at_least and within"},
        {"rules:\n- {name: A, match: {type: A}, count: {least: 3}}",
         "r:2:39: \"least\" is not known here: expected at_least or within"},
        {"rules:\n- {name: A, match: {type: A}, absent: soon}",
         "r:2:39: \"soon\" is no duration: expected 30s, 1m30s or 500ms, above 0"},
        {"rules:\n- {name: A, match: {type: A}, absent: 1s, clear: {type: B}}",
         "r:2:50: a rule has only one of clear, count, rate, absent and new"},
        {"rules:\n- {name: A, match: {type: A}, for: 2s}",
         "r:2:3: `for` needs `clear`: what ends the state that must last"},
        {"rules:\n- {name: A, match: {type: A}, labels: {a-b: c}}",
         "r:2:40: \"a-b\" is no label's name: expected letters, digits and _, not a digit first"},
        {"rules:\n- {name: A, match: {type: A}, by: ['a..b']}",
         "r:2:36: \"a..b\" is no member of an event, as sourceId or snapshot.status"},
        {"rules:\n- {name: A, match: {type: A}}\n- {name: A, match: {type: B}}",
         "r:3:10: \"A\" is the name of a rule before this one"},
        {"rules:\n- {name: A, match: {type: A}, receiver: ops}",
         "r:2:41: \"ops\" is not among the receivers: expected a file that has some, under receivers:"},
        {"rules:\n- {name: A, match: {type: A}, receiver: [a, ops]}\nreceivers: {a: [], b: []}",
         "r:2:45: \"ops\" is not among the receivers: expected a or b"},
        {"receivers: {a: {target: []}}",
         "r:1:17: \"target\" is not known here: expected targets, group_by, group_wait, "
         "group_interval, repeat_interval or rate_limit"},
        {"receivers: {a: {targets: [], group_wait: 1s}}",
         "r:1:16: expected group_by beside group_wait and group_interval"},
        {"receivers: {a: {group_by: [a-b]}}",
         "r:1:28: \"a-b\" is no label's name: expected letters, digits and _, not a digit first"},
        {"receivers: {a: {targets: [], group_by: []}, a: []}", "r:1:45: \"a\" is given twice"},
        {"receivers: {a: {rate_limit: {at_most: 5}}}", "r:1:29: expected both at_most and per"},
        {"receivers: {a: {rate_limit: {at_most: 0, per: 1s}}}", "r:1:39: expected a whole number from 1 to 100000"},
        {"receivers: {a: {rate_limit: {per: never, at_most: 1}}}",
         "r:1:35: \"never\" is no duration: expected 30s, 1m30s or 500ms, above 0"},
        {"receivers:\n  a:\n  - alertmanager: {url: 'http://a', resend_interval: often}",
         "r:3:54: \"often\" is no duration: expected 30s, 1m30s or 500ms, above 0"},
        {"inhibit_rules: {}", "r:1:16: expected a list of inhibitions"},
        {"inhibit_rules:\n- {source_matchers: [a=b]}",
         "r:2:3: expected source_matchers and target_matchers, with one each at least"},
        {"inhibit_rules:\n- {source: x}",
         "r:2:4: \"source\" is not known here: expected source_matchers, target_matchers or equal"},
        {"inhibit_rules:\n- {source_matchers: severity}",
         "r:2:21: expected a label, a sign and a value, as severity=\"critical\", with = != =~ or !~"},
        {"inhibit_rules:\n- {source_matchers: ['a=~\"(\"']}",
         "r:2:22: expected a regular expression behind the sign: Unmatched ( or \\("},
        {"inhibit_rules:\n- {target_matchers: ['a=\"b']}", "r:2:22: expected a value whose quotes end with it"},
        {"inhibit_rules:\n- {equal: [{}]}", "r:2:12: expected a label's name, as severity"},
        {"receivers:\n  ops: {}", "r:2:8: expected a list of targets, as - webhook: {url: ...}, maybe under targets:"},
        {"receivers:\n  ops:\n  - fax: {}", "r:3:5: \"fax\" is not known here: expected webhook, alertmanager, slack, "
                                            "pagerduty, email or command"},
        {"receivers:\n  ops:\n  - webhook: {}", "r:3:5: webhook lacks its url"},
        {"receivers:\n  ops:\n  - webhook: {url: 'file:///etc/passwd'}",
         "r:3:20: expected an address that begins with http:// or https://"},
        {"receivers:\n  ops:\n  - webhook: {url: 'http://a', allow_private: yes}",
         "r:3:47: \"yes\" is not allowed: expected true or false"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct rules_file file;
        struct text message;
        text_init(&message);
        assert_false(rules_file_parse(&file, span_of_str(faults[i].yaml), "r", &message));
        text_put_char(&message, '\0');
        assert_string_equal(message.data, faults[i].complaint);
        assert_int_equal(file.rules.count, 0);
        text_fini(&message);
    }
}

static void a_file_that_aliases_blow_up_is_refused(void **state)
{
    (void)state;
    struct rules_file file;
    struct text yaml, message;
    text_init(&yaml);
    text_init(&message);
    text_put_str(&yaml, "rules:\n- &r {name: A, match: {type: &v [");
    for (unsigned i = 0; i < 99; i++)
        text_put_str(&yaml, "a,");
    text_put_str(&yaml, "a]}}\n");
    for (unsigned i = 0; i < 3000; i++)
        text_printf(&yaml, "- {name: N%u, match: {type: *v}}\n", i);
    assert_false(rules_file_parse(&file, text_span(&yaml), "r", &message));
    text_put_char(&message, '\0');
    assert_non_null(strstr(message.data, "the file is too large from here on"));
    text_fini(&yaml);
    text_fini(&message);
}

/* Any bytes: never more than a complaint. */
static void a_damaged_file_is_refused_or_read_and_does_no_harm(void **state)
{
    (void)state;
    char yaml[sizeof issue_example];
    for (unsigned round = 0; round < 4000; round++) {
        struct rules_file file;
        struct text message;
        text_init(&message);
        memcpy(yaml, issue_example, sizeof yaml);
        for (uint64_t i = random_bits() % 4 + 1; i > 0; i--)
            yaml[random_bits() % (sizeof yaml - 1)] = (char)random_bits();
        if (rules_file_parse(&file, span_of(yaml, random_bits() % sizeof yaml), "r", &message))
            rules_file_fini(&file);
        else
            assert_true(message.len > 0);
        text_fini(&message);
    }
}

static void a_condition_holds_for_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        const char *value;
        bool holds;
    } cases[] = {
        {"category", "CoreEvent", true},     {"category", "Core", false},        {"category", "Core*", true},
        {"type", "~ ^E_CORE", true},         {"type", "~ CORE$", false},         {"sourceId", "*/g/*", true},
        {"sourceId", "!= sip1", true},       {"level", "Warning", true},         {"level", ">= Info", true},
        {"level", "> Warning", false},       {"level", "!= Error", true},        {"cause", "Heat", true},
        {"cause", "!= Heat", false},         {"summary", "*hot*", true},         {"snapshot.status", "-3", true},
        {"snapshot.status", "< 0", true},    {"snapshot.status", ">= 0", false}, {"snapshot.status", "== -3", true},
        {"snapshot.status", "!= -3", false}, {"snapshot.text", "7", true},       {"snapshot.text", "> 6.5", true},
        {"snapshot.text", "07", true},       {"snapshot.word", "a*c", true},     {"snapshot.word", "> 1", false},
        {"snapshot.yes", "true", true},      {"snapshot.none", "null", true},    {"snapshot.list[1]", "2", true},
        {"snapshot.list[2]", "2", false},    {"snapshot.list", "2", false},      {"snapshot.deep.er", "1.5", true},
        {"snapshot.missing", "!= 1", false}, {"snapshot.big", "> 1e18", true},   {"snapshot.text", "~ 7", true},
        {"snapshot.text", "~ 70", false},    {"snapshot.status", "~ 3", false},
    };
    struct alert_support support;
    alert_support_init(&support);
    const struct tocsin_message *message = alert_support_message(
        &support,
        "{\"level\":\"Warning\",\"category\":\"CoreEvent\",\"type\":\"E_CORE_X\",\"sourceId\":\"sip1/g/i\","
        "\"summary\":\"it is hot\",\"cause\":\"Heat\",\"snapshot\":{\"status\":-3,\"text\":\"7\",\"word\":\"abc\","
        "\"yes\":true,\"none\":null,\"list\":[1,2],\"deep\":{\"er\":1.5},\"big\":18446744073709551615}}",
        1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct condition condition;
        struct text why;
        text_init(&why);
        assert_true(condition_init(&condition, span_of_str(cases[i].field), &why));
        assert_true(condition_add(&condition, span_of_str(cases[i].value), &why));
        if (condition_holds(&condition, message) != cases[i].holds)
            fail_msg("%s: %s", cases[i].field, cases[i].value);
        condition_fini(&condition);
        text_fini(&why);
    }
    alert_support_fini(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_read_in_full),
        cmocka_unit_test(every_fault_is_told_with_its_place_and_what_was_expected),
        cmocka_unit_test(a_file_that_aliases_blow_up_is_refused),
        cmocka_unit_test(a_damaged_file_is_refused_or_read_and_does_no_harm),
        cmocka_unit_test(a_condition_holds_for_what_it_says),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
