/* JSON text to MessagePack: what is read and into which bytes, what is refused and where. */
#include "tests/test_support.h"

#include "proto/json_read.h"
#include "proto/tocsin_base.h"

#define VALUE     "expected a value"
#define NAME      "expected a member's name in quotes"
#define COLON     "expected ':'"
#define OBJECT    "expected ',' or '}'"
#define ARRAY     "expected ',' or ']'"
#define BEHIND    "text behind the value"
#define NUMBER    "malformed number"
#define RANGE     "number is out of range"
#define UNCLOSED  "string is not closed"
#define CONTROL   "string holds a raw control character"
#define UTF8      "string holds invalid UTF-8"
#define ESCAPE    "unknown escape"
#define HEX       "\\u needs four hex digits"
#define SURROGATE "lone surrogate"
#define REPEATED  "repeated member name"
#define DEEP      "nested too deep"

struct malformed {
    const char *text;
    size_t len;
    size_t offset;
    const char *reason;
};

static const struct malformed malformed[] = {
#define MALFORMED(text, offset, reason) {text, sizeof(text) - 1, offset, reason},
#include "tests/json_malformed.def"
#undef MALFORMED
};

struct valid {
    const char *json;
    const char *bytes;
    size_t len;
};

#define VALID(json, bytes)                                                                                             \
    {                                                                                                                  \
        json, bytes, sizeof(bytes) - 1                                                                                 \
    }

static const struct valid valid[] = {
    VALID("null", "\xc0"),
    VALID("false", "\xc2"),
    VALID("true", "\xc3"),
    VALID(" \t\r\n true \t\r\n ", "\xc3"),
    VALID("0", "\0"),
    VALID("-0", "\0"),
    VALID("127", "\x7f"),
    VALID("128", "\xcc\x80"),
    VALID("255", "\xcc\xff"),
    VALID("256", "\xcd\x01\0"),
    VALID("65535", "\xcd\xff\xff"),
    VALID("65536", "\xce\0\x01\0\0"),
    VALID("4294967295", "\xce\xff\xff\xff\xff"),
    VALID("4294967296", "\xcf\0\0\0\x01\0\0\0\0"),
    VALID("9223372036854775807", "\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"),
    VALID("9223372036854775808", "\xcf\x80\0\0\0\0\0\0\0"),
    VALID("18446744073709551615", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    VALID("-1", "\xff"),
    VALID("-32", "\xe0"),
    VALID("-33", "\xd0\xdf"),
    VALID("-128", "\xd0\x80"),
    VALID("-129", "\xd1\xff\x7f"),
    VALID("-32769", "\xd2\xff\xff\x7f\xff"),
    VALID("-2147483648", "\xd2\x80\0\0\0"),
    VALID("-2147483649", "\xd3\xff\xff\xff\xff\x7f\xff\xff\xff"),
    VALID("-9223372036854775808", "\xd3\x80\0\0\0\0\0\0\0"),
    VALID("1.0", "\xcb\x3f\xf0\0\0\0\0\0\0"),
    VALID("1e0", "\xcb\x3f\xf0\0\0\0\0\0\0"),
    VALID("1E+00", "\xcb\x3f\xf0\0\0\0\0\0\0"),
    VALID("10e-1", "\xcb\x3f\xf0\0\0\0\0\0\0"),
    VALID("0.1", "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"),
    VALID("-0.0", "\xcb\x80\0\0\0\0\0\0\0"),
    VALID("1e-999", "\xcb\0\0\0\0\0\0\0\0"),
    VALID("5e-324", "\xcb\0\0\0\0\0\0\0\x01"),
    VALID("1.7976931348623157e308", "\xcb\x7f\xef\xff\xff\xff\xff\xff\xff"),
    VALID("18446744073709551616.0", "\xcb\x43\xf0\0\0\0\0\0\0"),
    VALID("\"\"", "\xa0"),
    VALID("\"a\"", "\xa1"
                   "a"),
    VALID("\"\xc3\xa4\xf0\x9f\x98\x80\"", "\xa6\xc3\xa4\xf0\x9f\x98\x80"),
    VALID("\"\x7f\"", "\xa1\x7f"),
    VALID("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\xa8\"\\/\b\f\n\r\t"),
    VALID("\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00\"", "\xaa"
                                                     "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
    VALID("\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xa8\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
    VALID("\"\\ud7ff\\ue000\\uffff\"", "\xa9\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"),
    VALID("\"a\\u0000b\"", "\xa3"
                           "a\0b"),
    VALID("\"\\u005c\\u0022\"", "\xa2\\\""),
    VALID("\"\\\\u0041\"", "\xa6\\u0041"),
    VALID("\"\xe2\x80\xa8\xef\xbb\xbf\"", "\xa6\xe2\x80\xa8\xef\xbb\xbf"),
    VALID("[]", "\x90"),
    VALID("{}", "\x80"),
    VALID(" [ ] ", "\x90"),
    VALID("{ }", "\x80"),
    VALID("[[],{},[[]]]", "\x93\x90\x80\x91\x90"),
    VALID("[1,[2,3],4]", "\x93\x01\x92\x02\x03\x04"),
    VALID("{\"b\":1,\"a\":{\"b\":[]}}", "\x82\xa1"
                                        "b\x01\xa1"
                                        "a\x81\xa1"
                                        "b\x90"),
    VALID("{\"\":null}", "\x81\xa0\xc0"),
    VALID("{\"a\":{\"a\":{\"a\":1}}}", "\x81\xa1"
                                       "a\x81\xa1"
                                       "a\x81\xa1"
                                       "a\x01"),
    VALID("{\"a\\u0000\":1,\"a\":2}", "\x82\xa2"
                                      "a\0\x01\xa1"
                                      "a\x02"),
    VALID("\n{ \"a\" :\t[ 1 ,\r2 ] , \"b\" : null }", "\x82\xa1"
                                                      "a\x92\x01\x02\xa1"
                                                      "b\xc0"),
    VALID("[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14]", "\x9f\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe"),
    VALID("[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,[]]", "\xdc\0\x10\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\x90"),
};

/* Reads from memory of the exact size; `out` begins with bytes that must stay. */
static int read_text(const char *json, size_t len, unsigned depth_max, struct text *out, struct json_fault *fault)
{
    text_clear(out);
    text_put_str(out, "kept");
    uint8_t *copy = exact_copy(span_of(json, len));
    int error = json_read_value(span_of(copy, len), depth_max, out, fault);
    free(copy);
    assert_false(out->failed);
    assert_memory_equal(out->data, "kept", 4);
    return error;
}

static void assert_refused(const char *json, size_t len, unsigned depth_max, size_t offset, const char *reason)
{
    struct text out;
    text_init(&out);
    struct json_fault fault = {SIZE_MAX, ""};
    int error = read_text(json, len, depth_max, &out, &fault);
    if (error != TOCSIN_E_SYNTAX || fault.offset != offset || strcmp(fault.reason, reason) != 0)
        fail_msg("%.80s: %d at %zu, \"%s\"; expected %zu, \"%s\"", json, error, fault.offset, fault.reason, offset,
                 reason);
    assert_int_equal(out.len, 4);
    assert_int_equal(json_read_value(span_of(json, len), depth_max, &out, NULL), TOCSIN_E_SYNTAX);
    text_fini(&out);
}

static void assert_read(const char *json, size_t len, unsigned depth_max, const void *bytes, size_t bytes_len)
{
    struct text out;
    text_init(&out);
    struct json_fault fault = {0, ""};
    if (read_text(json, len, depth_max, &out, &fault) != 0)
        fail_msg("%.80s: refused at %zu, \"%s\"", json, fault.offset, fault.reason);
    assert_int_equal(out.len - 4, bytes_len);
    assert_memory_equal(out.data + 4, bytes, bytes_len);
    text_fini(&out);
}

static void valid_texts_become_the_shortest_messagepack(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        assert_read(valid[i].json, strlen(valid[i].json), 8, valid[i].bytes, valid[i].len);
}

static void malformed_texts_are_refused_where_the_fault_is(void **state)
{
    (void)state;
    size_t count = sizeof malformed / sizeof malformed[0];
    assert_true(count >= 150);
    for (size_t i = 0; i < count; i++)
        assert_refused(malformed[i].text, malformed[i].len, 8, malformed[i].offset, malformed[i].reason);
}

static void every_cut_of_a_valid_container_is_refused(void **state)
{
    (void)state;
    static const char json[] = "{\"a\":[true,\"\\ud83d\\ude00\xc3\xa4\",-1.5e-3,{}],\"b\":null}";
    struct text out;
    text_init(&out);
    for (size_t len = 0; len < sizeof json - 1; len++) {
        assert_int_equal(read_text(json, len, 8, &out, NULL), TOCSIN_E_SYNTAX);
        assert_int_equal(out.len, 4);
    }
    assert_int_equal(read_text(json, sizeof json - 1, 8, &out, NULL), 0);
    text_fini(&out);
}

static void an_absent_text_is_refused(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    struct json_fault fault = {1, ""};
    assert_int_equal(json_read_value((struct span){NULL, 0}, 8, &out, &fault), TOCSIN_E_SYNTAX);
    assert_int_equal(fault.offset, 0);
    text_fini(&out);
}

static void depth_is_counted_in_containers_and_bounded(void **state)
{
    (void)state;
    char json[200];
    uint8_t bytes[100];
    for (unsigned depth = 1; depth <= 80; depth++) {
        memset(json, '[', depth);
        memset(json + depth, ']', depth);
        memset(bytes, 0x91, depth);
        bytes[depth - 1] = 0x90;
        if (depth <= JSON_DEPTH_MAX) {
            assert_read(json, 2 * depth, depth, bytes, depth);
            assert_read(json, 2 * depth, UINT32_MAX, bytes, depth);
            assert_refused(json, 2 * depth, depth - 1, depth - 1, DEEP);
        } else {
            assert_refused(json, 2 * depth, depth, JSON_DEPTH_MAX, DEEP);
        }
    }
    assert_read("1", 1, 0, "\1", 1);
    assert_refused("{}", 2, 0, 0, DEEP);
}

static void strings_of_every_length_keep_their_bytes(void **state)
{
    (void)state;
    static const size_t lens[] = {1, 7, 8, 9, 31, 32, 33, 255, 256, 65535, 65536, 70001};
    struct text json, expected;
    text_init(&json);
    text_init(&expected);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        for (int escaped = 0; escaped < 2; escaped++) {
            text_clear(&json);
            text_clear(&expected);
            text_put_char(&json, '"');
            for (size_t n = 0; n < lens[i]; n++)
                text_put_str(&json, escaped && n % 3 == 0 ? "\\u0078" : "x");
            text_put_char(&json, '"');
            char *plain = malloc(lens[i]);
            assert_non_null(plain);
            memset(plain, 'x', lens[i]);
            wire_write_str(&expected, span_of(plain, lens[i]));
            free(plain);
            assert_read(json.data, json.len, 0, expected.data, expected.len);
        }
    }
    text_fini(&json);
    text_fini(&expected);
}

static void every_byte_is_told_apart_at_every_place_of_a_string(void **state)
{
    (void)state;
    char json[27], bytes[26];
    for (size_t at = 1; at < sizeof json - 1; at++) {
        for (unsigned byte = 0; byte < 0x100; byte++) {
            memset(json, 'x', sizeof json);
            json[0] = json[sizeof json - 1] = '"';
            memcpy(bytes, json, sizeof bytes);
            bytes[0] = (char)(0xa0 | (sizeof bytes - 1));
            json[at] = bytes[at] = (char)byte;
            if (byte < 0x20)
                assert_refused(json, sizeof json, 0, at, CONTROL);
            else if (byte >= 0x80)
                assert_refused(json, sizeof json, 0, at, UTF8);
            else if (byte == '"')
                assert_refused(json, sizeof json, 0, at + 1, BEHIND);
            else if (byte == '\\')
                assert_refused(json, sizeof json, 0, at < sizeof json - 2 ? at : sizeof json,
                               at < sizeof json - 2 ? ESCAPE : UNCLOSED);
            else
                assert_read(json, sizeof json, 0, bytes, sizeof bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_texts_become_the_shortest_messagepack),
        cmocka_unit_test(malformed_texts_are_refused_where_the_fault_is),
        cmocka_unit_test(every_cut_of_a_valid_container_is_refused),
        cmocka_unit_test(an_absent_text_is_refused),
        cmocka_unit_test(depth_is_counted_in_containers_and_bounded),
        cmocka_unit_test(every_byte_is_told_apart_at_every_place_of_a_string),
        cmocka_unit_test(strings_of_every_length_keep_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
