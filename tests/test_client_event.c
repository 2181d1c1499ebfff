/* Events composed by the library: judged by proto (which tocsin_event_encode asks) and read by msgpack-c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <msgpack.h>

#include "client/tocsin.h"

static struct tocsin_event *event;

static int set_up(void **state)
{
    (void)state;
    event = tocsin_event_new();
    return event ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tocsin_event_free(&event);
    assert_null(event);
    return 0;
}

static int begin(void)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "StreamCreated", "#default#app/cam",
                            "A camera came");
}

/* What msgpack-c reads from the encoded event, as its own text. */
static const char *encoded_text(void)
{
    static char out[4096];
    const uint8_t *bytes;
    size_t len, used = 0;
    assert_int_equal(tocsin_event_encode(event, &bytes, &len), TOCSIN_OK);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, (const char *)bytes, len, &used), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(used, len);
    msgpack_object_print_buffer(out, sizeof out, unpacked.data);
    msgpack_unpacked_destroy(&unpacked);
    return out;
}

static void assert_refused(enum tocsin_refusal code, const char *field)
{
    enum tocsin_refusal told_code;
    const char *told_field;
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_E_REFUSED);
    assert_int_equal(tocsin_event_refusal(event, &told_code, &told_field), TOCSIN_E_REFUSED);
    assert_int_equal(told_code, code);
    assert_string_equal(told_field, field);
}

static void an_event_without_options_has_the_five_keys(void **state)
{
    (void)state;
    assert_int_equal(begin(), TOCSIN_OK);
    assert_string_equal(encoded_text(),
                        "{\"level\"=>\"Warning\", \"category\"=>\"StreamEvent\", \"type\"=>\"StreamCreated\", "
                        "\"sourceId\"=>\"#default#app/cam\", \"summary\"=>\"A camera came\"}");
}

static void every_kind_of_value_is_read_back_by_msgpack_c(void **state)
{
    (void)state;
    begin();
    tocsin_event_set_cause(event, "BFrameDetected");
    tocsin_event_set_time(event, "2026-11-21T09:30:00.125+09:00");
    tocsin_event_map_begin(event, 9);
    tocsin_event_key(event, "int");
    tocsin_event_int(event, INT64_MIN);
    tocsin_event_key(event, "uint");
    tocsin_event_uint(event, UINT64_MAX);
    tocsin_event_key(event, "double");
    tocsin_event_double(event, 29.97);
    tocsin_event_key(event, "bool");
    tocsin_event_bool(event, true);
    tocsin_event_key(event, "nil");
    tocsin_event_nil(event);
    tocsin_event_key(event, "str");
    tocsin_event_strn(event, "abcdef", 3);
    tocsin_event_key(event, "array");
    tocsin_event_array_begin(event, 2);
    tocsin_event_array_begin(event, 0);
    tocsin_event_map_begin(event, 0);
    tocsin_event_key(event, "json");
    tocsin_event_snapshot_json(event, " [1, {\"a\": -2.5}] ");
    tocsin_event_key(event, "msgpack");
    tocsin_event_snapshot_msgpack(event, "\x92\x01\x02", 3);
    assert_string_equal(
        encoded_text(),
        "{\"time\"=>\"2026-11-21T09:30:00.125+09:00\", \"level\"=>\"Warning\", "
        "\"category\"=>\"StreamEvent\", \"type\"=>\"StreamCreated\", \"sourceId\"=>\"#default#app/cam\", "
        "\"summary\"=>\"A camera came\", \"cause\"=>\"BFrameDetected\", \"snapshot\"=>{"
        "\"int\"=>-9223372036854775808, \"uint\"=>18446744073709551615, \"double\"=>29.970000, "
        "\"bool\"=>true, \"nil\"=>nil, \"str\"=>\"abc\", \"array\"=>[[], {}], "
        "\"json\"=>[1, {\"a\"=>-2.500000}], \"msgpack\"=>[1, 2]}}");
}

static void a_time_in_microseconds_becomes_rfc3339(void **state)
{
    (void)state;
    begin();
    tocsin_event_set_time_us(event, UINT64_C(1794223800125000));
    assert_non_null(strstr(encoded_text(), "\"time\"=>\"2026-11-09T11:30:00.125000Z\""));
    assert_int_equal(tocsin_event_set_time_now(event), TOCSIN_OK);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_OK);
    tocsin_event_set_time(event, NULL);
    assert_null(strstr(encoded_text(), "time"));
}

static void a_refusal_names_code_and_field(void **state)
{
    (void)state;
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "no category", "T", "s", "x");
    assert_refused(TOCSIN_REFUSAL_VALUE, "category");
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "", "x");
    assert_refused(TOCSIN_REFUSAL_LENGTH, "sourceId");
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "s", "two\nlines");
    assert_refused(TOCSIN_REFUSAL_VALUE, "summary");
    begin();
    tocsin_event_set_time(event, "2026-02-30T00:00:00Z");
    assert_refused(TOCSIN_REFUSAL_VALUE, "time");
    begin();
    tocsin_event_double(event, 1.0 / 0.0);
    assert_refused(TOCSIN_REFUSAL_UNSUPPORTED, "snapshot");
    begin();
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_OK);
    assert_int_equal(tocsin_event_refusal(event, NULL, NULL), TOCSIN_OK);
}

static void an_event_longer_than_a_mebibyte_is_refused(void **state)
{
    (void)state;
    size_t len = TOCSIN_EVENT_BYTES_MAX;
    char *value = malloc(len);
    assert_non_null(value);
    memset(value, 'x', len);
    begin();
    assert_int_equal(tocsin_event_strn(event, value, len), TOCSIN_OK);
    assert_refused(TOCSIN_REFUSAL_LENGTH, "");
    free(value);
}

static void the_first_error_sticks_until_the_next_event(void **state)
{
    (void)state;
    begin();
    assert_int_equal(tocsin_event_snapshot_json(event, "{"), TOCSIN_E_SYNTAX);
    assert_int_equal(tocsin_event_set_cause(event, "Fine"), TOCSIN_E_SYNTAX);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_E_SYNTAX);
    assert_int_equal(begin(), TOCSIN_OK);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_OK);
    assert_int_equal(tocsin_event_set(event, TOCSIN_LEVEL_COUNT, "C", "T", "s", "x"), TOCSIN_E_INVALID);
    assert_int_equal(tocsin_event_set(event, TOCSIN_LEVEL_INFO, NULL, "T", "s", "x"), TOCSIN_E_INVALID);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_E_INVALID);
}

static void an_event_never_begun_is_invalid(void **state)
{
    (void)state;
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_E_INVALID);
    assert_int_equal(tocsin_event_encode(NULL, NULL, NULL), TOCSIN_E_INVALID);
}

static void a_snapshot_out_of_order_is_invalid_where_it_happens(void **state)
{
    (void)state;
    begin();
    tocsin_event_int(event, 1);
    assert_int_equal(tocsin_event_int(event, 2), TOCSIN_E_INVALID); /* a second value */
    begin();
    tocsin_event_map_begin(event, 1);
    assert_int_equal(tocsin_event_int(event, 1), TOCSIN_E_INVALID); /* a value where a key belongs */
    begin();
    tocsin_event_map_begin(event, 1);
    tocsin_event_key(event, "a");
    assert_int_equal(tocsin_event_key(event, "b"), TOCSIN_E_INVALID); /* a key where a value belongs */
    begin();
    tocsin_event_array_begin(event, 1);
    assert_int_equal(tocsin_event_key(event, "a"), TOCSIN_E_INVALID); /* a key in an array */
    begin();
    assert_int_equal(tocsin_event_key(event, "a"), TOCSIN_E_INVALID); /* a key in nothing */
    begin();
    tocsin_event_map_begin(event, 2);
    tocsin_event_key(event, "a");
    tocsin_event_nil(event);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_E_INVALID); /* not ended */
}

static void msgpack_that_is_not_one_value_is_a_syntax_error(void **state)
{
    (void)state;
    begin();
    assert_int_equal(tocsin_event_snapshot_msgpack(event, "\x01\x02", 2), TOCSIN_E_SYNTAX);
    begin();
    assert_int_equal(tocsin_event_snapshot_msgpack(event, "\x92\x01", 2), TOCSIN_E_SYNTAX);
    begin();
    assert_int_equal(tocsin_event_snapshot_msgpack(event, "", 0), TOCSIN_E_SYNTAX);
    assert_int_equal(tocsin_event_from_msgpack(event, "\x80\x80", 2), TOCSIN_E_SYNTAX);
    assert_int_equal(tocsin_event_from_msgpack(event, "\xdf\xff\xff\xff\xff", 5), TOCSIN_E_SYNTAX);
}

static void thirty_two_levels_pass_and_thirty_three_do_not(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < TOCSIN_DEPTH_MAX; i++)
        assert_int_equal(tocsin_event_array_begin(event, 1), TOCSIN_OK);
    tocsin_event_int(event, 1);
    assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_OK);
    begin();
    for (int i = 0; i < TOCSIN_DEPTH_MAX; i++)
        tocsin_event_array_begin(event, 1);
    assert_int_equal(tocsin_event_array_begin(event, 1), TOCSIN_E_INVALID);
    begin();
    tocsin_event_snapshot_json(event, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_refused(TOCSIN_REFUSAL_DEPTH, "snapshot");
}

static int from_json(const char *text, char *error, size_t size)
{
    return tocsin_event_from_json(event, text, strlen(text), error, size);
}

static void a_json_object_becomes_an_event(void **state)
{
    (void)state;
    char error[64] = "untouched";
    assert_int_equal(
        from_json("{\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"\","
                  "\"snapshot\":{\"a\":[1,2.0]}}\n",
                  error, sizeof error),
        TOCSIN_OK);
    assert_string_equal(error, "");
    assert_string_equal(encoded_text(),
                        "{\"level\"=>\"Info\", \"category\"=>\"C\", \"type\"=>\"T\", \"sourceId\"=>\"s\", "
                        "\"summary\"=>\"\", \"snapshot\"=>{\"a\"=>[1, 2.000000]}}");
    assert_int_equal(tocsin_event_set_cause(event, "Late"), TOCSIN_E_INVALID);
}

static void a_json_fault_tells_where(void **state)
{
    (void)state;
    char error[64];
    assert_int_equal(from_json("{\"level\" \"Info\"}", error, sizeof error), TOCSIN_E_SYNTAX);
    assert_string_equal(error, "10: expected ':'");
    assert_int_equal(from_json("{\"level\" \"Info\"}", error, 5), TOCSIN_E_SYNTAX);
    assert_string_equal(error, "10: ");
    assert_int_equal(from_json("", NULL, 0), TOCSIN_E_SYNTAX);
    assert_int_equal(from_json("[1]", NULL, 0), TOCSIN_OK);
    assert_refused(TOCSIN_REFUSAL_TYPE, "");
    assert_int_equal(from_json("{\"level\":\"Info\",\"extra\":1}", NULL, 0), TOCSIN_OK);
    assert_refused(TOCSIN_REFUSAL_UNKNOWN, "extra");
}

static void a_line_of_the_audit_log_becomes_its_event(void **state)
{
    (void)state;
    assert_int_equal(
        from_json("{\"seq\":7,\"received\":\"2026-11-21T00:30:00.125000Z\",\"time\":\"2026-11-21T00:30:00Z\","
                  "\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"x\","
                  "\"snapshot\":null,\"prev\":3,\"batch\":7,\"hash\":\"00112233445566778899aabbccddeeff\"}",
                  NULL, 0),
        TOCSIN_OK);
    assert_string_equal(encoded_text(),
                        "{\"time\"=>\"2026-11-21T00:30:00Z\", \"level\"=>\"Info\", \"category\"=>\"C\", "
                        "\"type\"=>\"T\", \"sourceId\"=>\"s\", \"summary\"=>\"x\", \"snapshot\"=>nil}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_without_options_has_the_five_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_kind_of_value_is_read_back_by_msgpack_c, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_time_in_microseconds_becomes_rfc3339, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_names_code_and_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_longer_than_a_mebibyte_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_error_sticks_until_the_next_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_never_begun_is_invalid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_snapshot_out_of_order_is_invalid_where_it_happens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(msgpack_that_is_not_one_value_is_a_syntax_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thirty_two_levels_pass_and_thirty_three_do_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_json_object_becomes_an_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_json_fault_tells_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_of_the_audit_log_becomes_its_event, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
