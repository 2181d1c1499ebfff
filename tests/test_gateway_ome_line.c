/* Lines of OvenMediaEngine's logs, and its alerts, as events. */
#include "tests/test_support.h"

#include "client/gateway/ome_alert.h"
#include "client/gateway/ome_line.h"
#include "client/gateway/ome_secret.h"
#include "client/gateway/ome_signature.h"
#include "proto/json.h"
#include "proto/tocsin_base.h"

static void check_line(const char *json, const char *expected)
{
    struct ome_line line;
    struct text event, image;
    ome_line_init(&line, true);
    text_init(&event);
    text_init(&image);
    assert_int_equal(ome_line_read(&line, span_of_str(json), &event), 0);
    json_write_value(&image, text_span(&event));
    assert_text_equal(&image, expected);
    text_fini(&event);
    text_fini(&image);
    ome_line_fini(&line);
}

static void check_no_line(const char *json, const char *reason, bool is_json)
{
    struct ome_line line;
    struct text event;
    ome_line_init(&line, true);
    text_init(&event);
    text_put_str(&event, "before");
    assert_int_equal(ome_line_read(&line, span_of_str(json), &event), TOCSIN_E_SYNTAX);
    assert_string_equal(line.reason, reason);
    assert_int_equal(line.is_json, is_json);
    assert_text_equal(&event, "before");
    text_fini(&event);
    ome_line_fini(&line);
}

static void a_line_of_the_specification_stays_as_it_is(void **state)
{
    (void)state;
    check_line(
        "{\"time\":\"t\",\"level\":\"Info\",\"category\":\"c\",\"type\":\"y\",\"sourceId\":\"s\",\"summary\":\"m\","
        "\"cause\":\"u\",\"snapshot\":[1,2.0,null]}",
        "{\"time\":\"t\",\"level\":\"Info\",\"category\":\"c\",\"type\":\"y\",\"sourceId\":\"s\",\"summary\":\"m\","
        "\"cause\":\"u\",\"snapshot\":[1,2.0,null]}");
    check_line("{\"category\":1,\"snapshot\":null}", "{\"category\":1,\"snapshot\":null}"); /* the judge's to refuse */
}

static void what_an_event_has_no_place_for_goes_into_the_snapshot(void **state)
{
    (void)state;
    check_line("{\"x\":1,\"category\":\"c\",\"y\":{\"z\":2}}",
               "{\"category\":\"c\",\"snapshot\":{\"extra\":{\"x\":1,\"y\":{\"z\":2}}}}");
    check_line("{\"x\":1,\"category\":\"c\",\"snapshot\":{\"a\":3}}",
               "{\"category\":\"c\",\"snapshot\":{\"a\":3,\"extra\":{\"x\":1}}}");
    check_line("{\"x\":1,\"category\":\"c\",\"snapshot\":3}", "{\"category\":\"c\",\"snapshot\":3}");
}

static void control_characters_are_replaced(void **state)
{
    (void)state;
    check_line("{\"category\":\"c\",\"sourceId\":\"a\\u0000b\\n\\u007f\\u0085\",\"summary\":\"\\t\"}",
               "{\"category\":\"c\",\"sourceId\":\"a\xef\xbf\xbd"
               "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"summary\":\"\xef\xbf\xbd\"}");
    check_line("{\"category\":\"c\",\"snapshot\":{\"a\\u0000\":\"\\u0000\\n\"}}",
               "{\"category\":\"c\",\"snapshot\":{\"a\xef\xbf\xbd\":\"\xef\xbf\xbd\\n\"}}");
}

static void a_line_of_the_open_source_edition_is_mapped(void **state)
{
    (void)state;
#define OSS(producer, type, more)                                                                                      \
    "{\"data\":{\"a\":1},\"event\":{\"producer\":" producer ",\"type\":\"" type "\"},\"eventVersion\":1," more         \
    "\"serverID\":\"u-1\",\"timestampMillis\":1743001192036}"
    check_line(OSS("{\"serverID\":\"u-1\"}", "ServerStat", ""),
               "{\"time\":\"2025-03-26T14:59:52.036Z\",\"level\":\"Debug\",\"category\":\"ServerEvent\",\"type\":"
               "\"ServerStat\",\"sourceId\":\"u-1\",\"summary\":\"Server stat: u-1\",\"snapshot\":{\"a\":1}}");
    check_line(OSS("{\"appID\":\"u-1/#v#a\",\"streamID\":\"u-1/#v#a/s/o\"}", "Novelty", ""),
               "{\"time\":\"2025-03-26T14:59:52.036Z\",\"level\":\"Info\",\"category\":\"StreamEvent\",\"type\":"
               "\"Novelty\",\"sourceId\":\"#v#a/s\",\"summary\":\"Novelty: #v#a/s (output)\",\"snapshot\":{\"a\":1}}");
    check_line("{\"event\":{\"producer\":{\"hostID\":\"u-2/#v#\"},\"type\":\"ApiCalled\",\"message\":\"hi\"},"
               "\"eventVersion\":1,\"serverID\":\"u-1\",\"timestampMillis\":-5}",
               "{\"level\":\"Info\",\"category\":\"RestApiEvent\",\"type\":\"ApiCalled\",\"sourceId\":\"u-2/#v#\","
               "\"summary\":\"hi\"}");
}

static void what_is_no_line_is_told(void **state)
{
    (void)state;
    check_no_line("{\"category\":\"c\"", "byte 16: expected ',' or '}'", false);
    check_no_line("", "byte 1: expected a value", false);
    check_no_line("[]", "neither category nor eventVersion is in it", true);
    check_no_line("{\"eventVersion\":1}", "event.type is missing", true);
    check_no_line("{\"eventVersion\":1,\"event\":{\"type\":\"x\"}}", "nothing tells whose event it is", true);
}

static void the_event_behind_a_torn_one_is_found(void **state)
{
    (void)state;
    const char *torn = "{\"time\":\"2025{\"time\":\"2026\"}";
    assert_int_equal(ome_line_restart(span_of_str(torn)), 13);
    assert_int_equal(ome_line_restart(span_of_str("{\"data\":{\"x\":1}}")), 0);
    assert_int_equal(ome_line_restart(span_of_str("")), 0);
}

static void check_hidden(const char *summary, const char *expected, size_t count)
{
    struct text out;
    text_init(&out);
    assert_int_equal(ome_secret_hide(&out, span_of_str(summary)), count);
    assert_text_equal(&out, expected);
    text_fini(&out);
}

static void secrets_in_summaries_are_known_by_the_words_before_them(void **state)
{
    (void)state;
    check_hidden("Url: rtmp://h, StreamKey: abc", "Url: rtmp://h, StreamKey: [redacted]", 1);
    check_hidden("StreamKey: ", "StreamKey: ", 0);
    check_hidden("StreamKey: a, b", "StreamKey: [redacted], b", 1);
    check_hidden("x(expected : A=b | input : c).", "x(expected : [redacted] | input : [redacted]).", 2);
    check_hidden("", "", 0);
}

static void a_signature_is_that_of_its_body_and_key(void **state)
{
    (void)state;
    struct span body = span_of_str("{\"a\":1}"), key = span_of_str("1234");
    const char *good = "YPRKehSd4ICfE-hBsR773UOObag";
    char other[64];
    assert_true(ome_signature_holds(good, body, key));
    assert_false(ome_signature_holds(good, span_of_str("{\"a\":2}"), key));
    assert_false(ome_signature_holds(good, body, span_of_str("1235")));
    for (size_t i = 0; good[i]; i++) {
        strcpy(other, good);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_false(ome_signature_holds(other, body, key));
    }
    assert_false(ome_signature_holds("", body, key));
    assert_false(ome_signature_holds("YPRKehSd4ICfE-hBsR773UOObag=", body, key));
}

static void check_alert(const char *body, const char *reason)
{
    struct ome_alert alert;
    ome_alert_init(&alert);
    const char *told = ome_alert_read(&alert, span_of_str(body));
    if (reason)
        assert_string_equal(told, reason);
    else
        assert_null(told);
    ome_alert_fini(&alert);
}

static void each_message_of_an_alert_is_an_event(void **state)
{
    (void)state;
    struct ome_alert alert;
    struct text event, image;
    ome_alert_init(&alert);
    text_init(&event);
    text_init(&image);
    assert_null(
        ome_alert_read(&alert, span_of_str("{\"messages\":[{\"code\":\"A_FAILED_B\",\"description\":\"d\"},{\"code\":"
                                           "\"B\"}],\"sourceUri\":\"#v#a/s\",\"type\":\"EGRESS\",\"x\":[1]}")));
    assert_int_equal(alert.count, 2);
    ome_alert_put(&alert, 0, span_of_str("t"), &event);
    json_write_value(&image, text_span(&event));
    assert_text_equal(&image,
                      "{\"time\":\"t\",\"level\":\"Error\",\"category\":\"AlertEvent\",\"type\":\"A_FAILED_B\","
                      "\"sourceId\":\"#v#a/s\",\"summary\":\"d\",\"cause\":\"EGRESS\",\"snapshot\":{\"sourceUri\":"
                      "\"#v#a/s\",\"type\":\"EGRESS\",\"x\":[1],\"codes\":[\"A_FAILED_B\",\"B\"]}}");
    text_fini(&event);
    text_fini(&image);
    ome_alert_fini(&alert);
}

static void what_is_no_alert_is_told(void **state)
{
    (void)state;
    check_alert("", "expected a value");
    check_alert("7", "it has no messages");
    check_alert("{\"messages\":{}}", "it has no messages");
    check_alert("{\"messages\":[7]}", "a message has no code");
    check_alert("{\"messages\":[{\"code\":\"OK\"}]}", "nothing tells whose it is");
    check_alert("{\"messages\":[{\"code\":\"OK\"}],\"type\":\"INTERNAL_QUEUE\"}", NULL);
    check_alert("{\"messages\":[{\"code\":\"OK\"}],\"serverInfo\":{\"serverID\":\"u\"}}", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_specification_stays_as_it_is),
        cmocka_unit_test(what_an_event_has_no_place_for_goes_into_the_snapshot),
        cmocka_unit_test(control_characters_are_replaced),
        cmocka_unit_test(a_line_of_the_open_source_edition_is_mapped),
        cmocka_unit_test(what_is_no_line_is_told),
        cmocka_unit_test(the_event_behind_a_torn_one_is_found),
        cmocka_unit_test(secrets_in_summaries_are_known_by_the_words_before_them),
        cmocka_unit_test(a_signature_is_that_of_its_body_and_key),
        cmocka_unit_test(each_message_of_an_alert_is_an_event),
        cmocka_unit_test(what_is_no_alert_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
