/* Documents out of a stream, and JSON that is almost one. */
#include "tests/test_support.h"

#include "client/gateway/json_repair.h"
#include "client/gateway/json_split.h"
#include "client/gateway/opensips_message.h"
#include "proto/json.h"
#include "proto/tocsin_base.h"

#define A "{\"jsonrpc\":\"2.0\",\"method\":\"E_A\",\"params\":{\"k\":\"}{\\\"\"}}"
#define B "{\"id\":-4,\"jsonrpc\":\"2.0\",\"method\":\"E_B\"}"

/* What is found in `bytes`, given in pieces of `piece`, as a letter for each: D, C (cut), L (long), G (garbage). */
static const char *found_in(const char *bytes, size_t len, size_t piece, size_t max)
{
    static char letters[64];
    struct json_split split = {.max_bytes = max};
    size_t start = 0, count = 0;
    for (size_t end = 0; end < len;) {
        end = len - end > piece ? end + piece : len;
        struct span found;
        size_t taken;
        enum json_split_found what;
        while ((what = json_split_next(&split, span_of(bytes + start, end - start), end == len, &found, &taken)) !=
               JSON_SPLIT_MORE) {
            letters[count++] = ".DCLG"[what];
            start += taken;
        }
        start += taken;
    }
    assert_int_equal(start, len);
    letters[count] = '\0';
    return letters;
}

static void check(const char *bytes, const char *expected, size_t max)
{
    for (size_t piece = 1; piece <= strlen(bytes) + 1; piece++)
        assert_string_equal(found_in(bytes, strlen(bytes), piece, max), expected);
}

static void documents_are_found_however_they_are_split(void **state)
{
    (void)state;
    check(A, "D", 100);
    check(A B A, "DDD", 100);
    check(" \r\n" A "\n\n" B " ", "DD", 100);
    check("", "", 100);
    check("{}{\"a\":[{}]}", "DD", 100);
}

static void a_document_that_was_given_up_costs_only_itself(void **state)
{
    (void)state;
    check("{\"jsonrpc\":\"2.0\",\"method\":\"E_A\",\"par" A B, "CDD", 100);
    check("{\"jsonrpc\":\"2.0\",\"params\":{\"k\":\"half of a str" B A, "CDD", 100);
    check(A "{\"jsonrpc\":\"2.0\"", "DC", 100);
    check(A "{", "DC", 100);
}

static void bytes_that_are_none_are_passed_over_up_to_the_next_beginning(void **state)
{
    (void)state;
    check("garbage } ] {\"id\":x {\"id\":1,\"json" A, "GD", 100);
    check(A "}" B, "DGD", 100);
    check("[1]" A, "GD", 100);
}

static void a_document_that_is_too_long_is_told_and_passed_over(void **state)
{
    (void)state;
    check("{\"k\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}" A, "LD", 60);
    check(A, "D", strlen(A));
    check(A B, "LD", strlen(A) - 1);
}

static void check_characters(const char *json, size_t len, const char *expected)
{
    struct text out;
    text_init(&out);
    json_repair_characters(span_of(json, len), &out);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    text_fini(&out);
}

#define FFFD                             "\xef\xbf\xbd"
#define CHECK_CHARACTERS(json, expected) check_characters(json, sizeof(json) - 1, expected)

static void characters_are_repaired_one_for_each_longest_part(void **state)
{
    (void)state;
    CHECK_CHARACTERS("\"a\xc3(\"", "\"a" FFFD "(\"");
    CHECK_CHARACTERS("\"\xe2\x82\"", "\"" FFFD "\"");               /* a character that was cut */
    CHECK_CHARACTERS("\"\xe0\x80\x80\"", "\"" FFFD FFFD FFFD "\""); /* overlong */
    CHECK_CHARACTERS("\"\xed\xa0\x80\"", "\"" FFFD FFFD FFFD "\""); /* a surrogate */
    CHECK_CHARACTERS("\"\xf0\x9f\x98\xf0\x9f\x98\x80\"", "\"" FFFD "\xf0\x9f\x98\x80\"");
    CHECK_CHARACTERS("\"\xff\xf5\xc0\"", "\"" FFFD FFFD FFFD "\"");
    CHECK_CHARACTERS("{\"a\":\t\"x\ty\x01\0\"}", "{\"a\":\t\"x\\u0009y\\u0001\\ufffd\"}");
    CHECK_CHARACTERS("\"\\u0000\\ud800\\udc00x\\ud800\\u0041\\udfff\\\\u0000\"",
                     "\"\\ufffd\\ud800\\udc00x\\ufffd\\u0041\\ufffd\\\\u0000\"");
    CHECK_CHARACTERS("\"\\\t\\\xff\"", "\"\\\t\\\xff\""); /* no escapes: the reader refuses them */
    CHECK_CHARACTERS("\"\\\"\x80\"", "\"\\\"" FFFD "\"");
}

static void check_names(const char *json, const char *expected)
{
    struct text out;
    text_init(&out);
    json_repair_names(span_of_str(json), &out);
    text_put_char(&out, '\0');
    assert_string_equal(out.data, expected);
    text_fini(&out);
}

static void names_that_repeat_are_numbered_and_none_is_lost(void **state)
{
    (void)state;
    check_names("{\"a\":1,\"a\":2,\"b\":3,\"a\":4}", "{\"a\":1,\"a#2\":2,\"b\":3,\"a#3\":4}");
    check_names("{\"\":1,\"\":\"a\",\"\":[\"\",\"\"]}", "{\"\":1,\"#2\":\"a\",\"#3\":[\"\",\"\"]}");
    check_names("{\"a\":{\"a\":1,\"a\":2},\"a\":{\"a\":1}}", "{\"a\":{\"a\":1,\"a#2\":2},\"a#2\":{\"a\":1}}");
    check_names("{\"a\":1,\"a\":2,\"a#2\":3,\"a\":4}", "{\"a\":1,\"a#3\":2,\"a#2\":3,\"a#4\":4}");
    check_names("[{\"x\":1},{\"x\":2}]", "[{\"x\":1},{\"x\":2}]");
    check_names("{\"a\":1,\"a", "{\"a\":1,\"a");
}

static void a_thousand_equal_names_take_no_time(void **state)
{
    (void)state;
    struct text json, out;
    text_init(&json);
    text_init(&out);
    text_put_char(&json, '{');
    for (int i = 0; i < JSON_REPAIR_NAMES_MAX; i++)
        text_printf(&json, "%s\"n\":%d", i ? "," : "", i);
    text_put_char(&json, '}');
    json_repair_names(text_span(&json), &out);
    text_put_char(&out, '\0');
    assert_non_null(strstr(out.data, "\"n#1024\":1023}"));
    text_fini(&json);
    text_fini(&out);
}

static void a_message_is_taken_apart_and_its_null_id_is_none(void **state)
{
    (void)state;
    struct opensips_room room = {.value = {NULL, 0, 0, false}};
    struct opensips_message message;
    struct json_fault fault;
    const char *json = "{\"id\":null,\"jsonrpc\":\"2.0\",\"method\":\"E_\xff\",\"params\":{\"k\":\"a\tb\",\"k\":-1}}";
    assert_int_equal(opensips_message_read(span_of_str(json), &room, &message, &fault), 0);
    assert_true(message.is_repaired);
    assert_null(message.id.data);
    assert_true(span_is(message.method, "E_" FFFD));
    struct text image;
    text_init(&image);
    json_write_value(&image, message.params);
    assert_true(span_is(text_span(&image), "{\"k\":\"a\\tb\",\"k#2\":-1}"));
    text_fini(&image);
    json = "{\"id\":\"x\",\"method\":7}";
    assert_int_equal(opensips_message_read(span_of_str(json), &room, &message, &fault), TOCSIN_E_SYNTAX);
    assert_non_null(message.id.data);
    json = "{\"method\":\"E_A\",\"params\":{\"k\":1}";
    assert_int_equal(opensips_message_read(span_of_str(json), &room, &message, &fault), TOCSIN_E_SYNTAX);
    opensips_room_fini(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_found_however_they_are_split),
        cmocka_unit_test(a_document_that_was_given_up_costs_only_itself),
        cmocka_unit_test(bytes_that_are_none_are_passed_over_up_to_the_next_beginning),
        cmocka_unit_test(a_document_that_is_too_long_is_told_and_passed_over),
        cmocka_unit_test(characters_are_repaired_one_for_each_longest_part),
        cmocka_unit_test(names_that_repeat_are_numbered_and_none_is_lost),
        cmocka_unit_test(a_thousand_equal_names_take_no_time),
        cmocka_unit_test(a_message_is_taken_apart_and_its_null_id_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
