/* What is told of an alert: labels, texts, fingerprint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "client/alert/notice.h"
#include "client/alert/rules_file.h"
#include "tests/alert_support.h"

static struct alert_support support;
static struct rules_file file;
static struct engine *engine;
static struct notice notices[4];
static size_t notice_count;

static void on_alert(void *context, const struct alert *alert)
{
    (void)context;
    assert_true(notice_count < 4);
    assert_true(notice_make(&notices[notice_count++], alert));
}

static void begin(const char *yaml)
{
    struct text message;
    text_init(&message);
    if (!rules_file_parse(&file, span_of_str(yaml), "rules.yaml", &message))
        fail_msg("%.*s", (int)message.len, message.data);
    engine = engine_new(&file.rules, 0, 7, on_alert, NULL);
    assert_non_null(engine);
}

static void happens(const char *json)
{
    engine_take(engine, alert_support_message(&support, json, 1000000));
}

static int set_up(void **state)
{
    (void)state;
    notice_count = 0;
    alert_support_init(&support);
    file = (struct rules_file){.rules = {.count = 0}};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    while (notice_count > 0)
        notice_fini(&notices[--notice_count]);
    engine_free(&engine);
    rules_file_fini(&file);
    alert_support_fini(&support);
    return 0;
}

static void assert_labels(const struct notice *notice, const char *expected)
{
    struct text text;
    text_init(&text);
    notice_put_labels(&text, &notice->labels);
    text_put_char(&text, '\0');
    assert_string_equal(text.data, expected);
    text_fini(&text);
}

static void labels_are_those_of_the_event_of_by_and_of_the_rule(void **state)
{
    (void)state;
    begin(
        "rules:\n- name: R\n  match: {type: Bad}\n  by: [sourceId, snapshot.user.id, snapshot.none]\n"
        "  labels: {severity: critical, where: 'at {{ sourceId }}', category: mine}\n"
        "  annotations: {summary: 'status {{snapshot.status}} of {{snapshot.user.id}}', book: 'http://x/{{type}}'}\n");
    happens("{\"level\":\"Error\",\"category\":\"CoreEvent\",\"type\":\"Bad\",\"sourceId\":\"#default#app/s\","
            "\"summary\":\"it broke\",\"snapshot\":{\"status\":-3,\"user\":{\"id\":\"u1\"}}}");
    assert_int_equal(notice_count, 1);
    assert_labels(&notices[0],
                  "{\"alertname\":\"R\",\"category\":\"mine\",\"severity\":\"critical\",\"snapshot_user_id\":"
                  "\"u1\",\"sourceId\":\"#default#app/s\",\"type\":\"Bad\",\"where\":\"at #default#app/s\"}");
    assert_string_equal(notice_summary(&notices[0]), "status -3 of u1");
    assert_string_equal(notice_annotation(&notices[0], "book"), "http://x/Bad");
    assert_non_null(strstr(notice_annotation(&notices[0], "event"), "\"summary\":\"it broke\""));
    assert_int_equal(notices[0].level, TOCSIN_LEVEL_ERROR);
}

static void the_summary_is_the_events_where_the_rule_has_none(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Bad}}\n");
    happens("{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Bad\",\"sourceId\":\"s\",\"summary\":\"it {{type}} "
            "broke\"}");
    assert_string_equal(notice_summary(&notices[0]), "it {{type}} broke");
}

/* python3: sha256(b"alertname\xffR\xffcategory\xffC\xffsourceId\xffs\xfftype\xffBad\xff")[:16] */
static void the_fingerprint_is_that_of_the_labels_alone_and_the_same_at_the_end(void **state)
{
    (void)state;
    begin("rules:\n- {name: R, match: {type: Bad}, keep_firing_for: 1s}\n");
    happens("{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Bad\",\"sourceId\":\"s\",\"summary\":\"one\"}");
    engine_advance(engine, 9000000);
    happens("{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Bad\",\"sourceId\":\"s2\",\"summary\":\"one\"}");
    assert_int_equal(notice_count, 3);
    assert_string_equal(notices[0].fingerprint, "8146c3a4ee16ec567565b3cd2b2586e2");
    assert_string_equal(notices[1].fingerprint, notices[0].fingerprint);
    assert_false(notices[1].is_firing);
    assert_int_equal(notices[1].ends_us, 2000000);
    assert_string_not_equal(notices[2].fingerprint, notices[0].fingerprint);
}

static void absence_without_any_event_has_the_values_that_were_expected(void **state)
{
    (void)state;
    begin("rules:\n- {name: Silent, match: {sourceId: sip1}, absent: 60s}\n");
    engine_advance(engine, 61000000);
    assert_int_equal(notice_count, 1);
    assert_labels(&notices[0], "{\"alertname\":\"Silent\",\"sourceId\":\"sip1\"}");
    assert_string_equal(notice_summary(&notices[0]), "no such event was received");
    assert_null(notice_annotation(&notices[0], "event"));
}

static void what_an_event_holds_cannot_break_out_of_its_line(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    begin("rules:\n- {name: R, match: {type: Bad}, by: [snapshot.x], annotations: {more: 'x {{snapshot.x}}'}}\n");
    happens("{\"level\":\"Info\",\"category\":\"C\",\"type\":\"Bad\",\"sourceId\":\"a\\\"b\",\"summary\":"
            "\"\\u202e\\\",\\\"status\\\":\\\"x\",\"snapshot\":{\"x\":\"\\u001b[31m\\u0007\\n\\u009b\"}}");
    notice_put_line(&text, &notices[0], NULL, true);
    notice_put_json_line(&text, &notices[0], NULL, &file.rules.items[0]);
    for (size_t i = 0; i < text.len; i++)
        assert_true((text.data[i] >= ' ' && text.data[i] < 0x7f) || text.data[i] == '\n');
    text_put_char(&text, '\0');
    assert_ptr_equal(strchr(strchr(text.data, '\n') + 1, '\n'), text.data + text.len - 2);
    assert_non_null(strstr(text.data, "1970-01-01 00:00:01.000  firing    R  category=C"));
    assert_non_null(strstr(text.data, "\\u001b[31m"));
    assert_non_null(strstr(text.data, "sourceId=a\"b"));
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(labels_are_those_of_the_event_of_by_and_of_the_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_summary_is_the_events_where_the_rule_has_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_fingerprint_is_that_of_the_labels_alone_and_the_same_at_the_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(absence_without_any_event_has_the_values_that_were_expected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_event_holds_cannot_break_out_of_its_line, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
