/* From MessagePack to JSON text: jansson reads the same value, our own reader the same bytes, and nothing that could
 * drive a terminal or split a reader is in it. */
#include "tests/test_support.h"

#include <jansson.h>

#include "proto/event.h"
#include "proto/json.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "proto/utf8.h"
#include "tests/random_value.h"

#define VALUES 3000
#define DEPTH  5

static void assert_same_value(struct wire_reader *reader, const json_t *json)
{
    struct wire_token token;
    double real;
    switch (wire_read(reader, &token)) {
    case WIRE_NIL:
        assert_true(json_is_null(json));
        break;
    case WIRE_BOOL:
        assert_int_equal(json_typeof(json), token.as.boolean ? JSON_TRUE : JSON_FALSE);
        break;
    case WIRE_UINT:
        assert_true(json_is_integer(json) && (uint64_t)json_integer_value(json) == token.as.u);
        break;
    case WIRE_INT:
        assert_true(json_is_integer(json) && json_integer_value(json) == token.as.i);
        break;
    case WIRE_FLOAT:
        assert_true(json_is_real(json));
        real = json_real_value(json);
        assert_memory_equal(&real, &token.as.f, sizeof real); /* to the bit: -0.0 too */
        break;
    case WIRE_STR:
        assert_true(json_is_string(json));
        assert_int_equal(json_string_length(json), token.as.bytes.len);
        assert_memory_equal(json_string_value(json), token.as.bytes.data, token.as.bytes.len);
        break;
    case WIRE_ARRAY:
        assert_true(json_is_array(json));
        assert_int_equal(json_array_size(json), token.as.count);
        for (uint32_t i = 0, count = token.as.count; i < count; i++)
            assert_same_value(reader, json_array_get(json, i));
        break;
    case WIRE_MAP:
        assert_true(json_is_object(json));
        assert_int_equal(json_object_size(json), token.as.count);
        for (uint32_t i = 0, count = token.as.count; i < count; i++) {
            char key[256] = "";
            assert_int_equal(wire_read(reader, &token), WIRE_STR);
            assert_true(token.as.bytes.len < sizeof key);
            memcpy(key, token.as.bytes.data, token.as.bytes.len);
            const json_t *member = json_object_get(json, key);
            assert_non_null(member);
            assert_same_value(reader, member);
        }
        break;
    default:
        fail_msg("no value");
    }
}

static void assert_is_safe(const struct text *text)
{
    const uint8_t *at = (const uint8_t *)text->data;
    const uint8_t *end = at + text->len;
    while (at < end) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        if (len == 0 || utf8_must_escape(character))
            fail_msg("U+%04X is in %.*s", character, (int)text->len, text->data);
        at += len;
    }
}

static void jansson_reads_the_same_value(void **state)
{
    (void)state;
    struct text value, json;
    text_init(&value);
    text_init(&json);
    for (unsigned i = 0; i < VALUES; i++) {
        text_clear(&value);
        text_clear(&json);
        write_random_value(&value, DEPTH, INT64_MAX);
        json_write_value(&json, text_span(&value));
        assert_is_safe(&json);
        json_error_t error;
        json_t *read = json_loadb(json.data, json.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
        if (!read)
            fail_msg("%s: %.*s", error.text, (int)json.len, json.data);
        struct wire_reader reader = wire_reader_of(text_span(&value));
        assert_same_value(&reader, read);
        json_decref(read);
    }
    text_fini(&value);
    text_fini(&json);
}

/* A value in its shortest encoding goes to text and back to the same bytes. */
static void assert_goes_round(const struct text *value, struct text *json, struct text *again)
{
    struct json_fault fault = {0, ""};
    text_clear(json);
    text_clear(again);
    json_write_value(json, text_span(value));
    if (json_read_value(text_span(json), TOCSIN_DEPTH_MAX, again, &fault) != 0)
        fail_msg("at %zu %s: %.*s", fault.offset, fault.reason, (int)json->len, json->data);
    assert_int_equal(again->len, value->len);
    assert_memory_equal(again->data, value->data, value->len);
}

static void every_value_goes_round_to_the_same_bytes(void **state)
{
    (void)state;
    struct text value, json, again;
    text_init(&value);
    text_init(&json);
    text_init(&again);
    for (unsigned i = 0; i < VALUES; i++) {
        text_clear(&value);
        write_random_value(&value, DEPTH, UINT64_MAX);
        assert_goes_round(&value, &json, &again);
    }
    text_fini(&value);
    text_fini(&json);
    text_fini(&again);
}

static void every_character_goes_round(void **state)
{
    (void)state;
    struct text value, json, again;
    text_init(&value);
    text_init(&json);
    text_init(&again);
    for (uint32_t character = 1; character <= 0x10ffff; character++) {
        if (character >= 0xd800 && character <= 0xdfff)
            continue;
        uint8_t bytes[4];
        text_clear(&value);
        wire_write_str(&value, span_of(bytes, utf8_encode(character, bytes)));
        assert_goes_round(&value, &json, &again);
    }
    text_fini(&value);
    text_fini(&json);
    text_fini(&again);
}

/* A string written into a text that has exactly this much memory at first: a byte beyond it is seen. */
static void assert_fits(struct span utf8, size_t room)
{
    struct text json = {.data = malloc(room), .capacity = room};
    assert_non_null(json.data);
    json_write_string(&json, utf8);
    json_t *read = json_loadb(json.data, json.len, JSON_DECODE_ANY, NULL);
    assert_int_equal(json_string_length(read), utf8.len);
    assert_memory_equal(json_string_value(read), utf8.data, utf8.len);
    json_decref(read);
    text_fini(&json);
}

/* Long strings of what grows most, with less room at first than they may need. */
static void a_long_string_of_escapes_stays_within_its_room(void **state)
{
    (void)state;
    static const char *const units[] = {"\x01", "\"",         "\xc2\x80", "\xe2\x80\xa8", "\xf0\x9f\x98\x80",
                                        "x",    "1234567\x01"};
    static uint8_t bytes[3 * 4096];
    for (size_t unit = 0; unit < sizeof units / sizeof *units; unit++) {
        size_t unit_len = strlen(units[unit]);
        for (size_t shift = 0; shift < 9; shift += 4) {
            for (size_t units_len = 4080; units_len <= 4110; units_len += unit_len) {
                size_t len = shift;
                memset(bytes, 'y', shift);
                for (; len < shift + units_len; len += unit_len)
                    memcpy(bytes + len, units[unit], unit_len);
                size_t piece = len < 4096 ? len : 4096;
                assert_fits(span_of(bytes, len), 1 + 6 * piece + 32);
                assert_fits(span_of(bytes, len), 1 + 5 * piece + 32);
                assert_fits(span_of(bytes, len), 1 + 3 * piece);
            }
        }
    }
}

static void an_event_stays_within_any_room(void **state)
{
    (void)state;
    static const char expected[] =
        "{\"time\":\"2026-11-21T00:30:00Z\",\"level\":\"Info\",\"category\":\"StreamEvent\",\"type\":\"StreamCreated\","
        "\"sourceId\":\"#default#app/stream\",\"summary\":\"A new stream has been created\",\"cause\":\"C\","
        "\"snapshot\":[18446744073709551615,-2.2250738585072014e-308,false,{}]}";
    struct text bytes;
    text_init(&bytes);
    begin_event(&bytes, 8);
    put_pair(&bytes, "time", "2026-11-21T00:30:00Z");
    put_pair(&bytes, "cause", "C");
    wire_write_str(&bytes, span_of_str("snapshot"));
    wire_write_array(&bytes, 4);
    wire_write_uint(&bytes, UINT64_MAX);
    wire_write_double(&bytes, -0x1p-1022);
    wire_write_bool(&bytes, false);
    wire_write_map(&bytes, 0);
    struct event event;
    assert_true(event_view(text_span(&bytes), &event));
    for (size_t room = 1; room < 2 * sizeof expected; room++) {
        struct text json = {.data = malloc(room), .capacity = room};
        assert_non_null(json.data);
        json_write_event(&json, &event);
        assert_text_equal(&json, expected);
        text_fini(&json);
    }
    text_fini(&bytes);
}

static void assert_string_text(const char *utf8, size_t len, const char *expected)
{
    struct text json;
    text_init(&json);
    uint8_t *copy = exact_copy(span_of(utf8, len));
    json_write_string(&json, span_of(copy, len));
    assert_text_equal(&json, expected);
    free(copy);
    text_fini(&json);
}

static void strings_are_escaped_as_the_protocol_says(void **state)
{
    (void)state;
    assert_string_text("", 0, "\"\"");
    assert_string_text("a/b'<>&", 7, "\"a/b'<>&\"");
    assert_string_text("\"\\", 2, "\"\\\"\\\\\"");
    assert_string_text("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    assert_string_text("\x01\x1f\x7f", 3, "\"\\u0001\\u001f\\u007f\"");
    assert_string_text("\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\xc2\xa0\"");
    assert_string_text("\xe2\x80\xa8\xef\xbb\xbf", 6, "\"\\u2028\\ufeff\"");
    assert_string_text("\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"");
    assert_string_text("0123456\n89", 10, "\"0123456\\n89\"");
}

/* Bytes that no check has passed: whatever comes out, it ends, stays in bounds and drives no terminal. */
/* Sixteen, eight and four bytes are looked at together: the text of each must not depend on where it stands. */
static void every_ascii_byte_is_written_the_same_wherever_it_lies(void **state)
{
    (void)state;
    struct text alone, within;
    text_init(&alone);
    text_init(&within);
    for (unsigned byte = 0; byte < 0x80; byte++) {
        uint8_t bytes[48];
        bytes[0] = (uint8_t)byte;
        text_clear(&alone);
        json_write_string(&alone, span_of(bytes, 1));
        for (size_t len = 1; len <= sizeof bytes; len++) {
            for (size_t at = 0; at < len; at++) {
                memset(bytes, 'a', sizeof bytes);
                bytes[at] = (uint8_t)byte;
                text_clear(&within);
                json_write_string(&within, span_of(bytes, len));
                assert_int_equal(within.len, len + alone.len - 1);
                assert_memory_equal(within.data + 1 + at, alone.data + 1, alone.len - 2);
                bytes[at] = 'a';
                assert_memory_equal(within.data + 1, bytes, at);
                assert_memory_equal(within.data + at + alone.len - 1, bytes, len - at - 1);
            }
        }
    }
    text_fini(&alone);
    text_fini(&within);
}

static void unchecked_bytes_do_no_harm(void **state)
{
    (void)state;
    struct text value, json;
    text_init(&value);
    text_init(&json);
    for (unsigned i = 0; i < VALUES; i++) {
        text_clear(&value);
        text_clear(&json);
        write_random_value(&value, DEPTH, UINT64_MAX);
        for (uint64_t changes = 1 + random_below(8); changes > 0; changes--)
            value.data[random_below(value.len)] = (char)random_bits();
        size_t len = 1 + random_below(value.len);
        uint8_t *copy = exact_copy(span_of(value.data, len));
        json_write_value(&json, span_of(copy, len));
        assert_is_safe(&json);
        free(copy);
    }
    text_clear(&json);
    static uint8_t deep[100000];
    memset(deep, 0x91, sizeof deep);
    json_write_value(&json, span_of(deep, sizeof deep));
    assert_true(json.len < 100);
    json_write_value(&json, span_of(NULL, 0));
    text_fini(&value);
    text_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jansson_reads_the_same_value),
        cmocka_unit_test(every_value_goes_round_to_the_same_bytes),
        cmocka_unit_test(every_character_goes_round),
        cmocka_unit_test(a_long_string_of_escapes_stays_within_its_room),
        cmocka_unit_test(an_event_stays_within_any_room),
        cmocka_unit_test(strings_are_escaped_as_the_protocol_says),
        cmocka_unit_test(every_ascii_byte_is_written_the_same_wherever_it_lies),
        cmocka_unit_test(unchecked_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
