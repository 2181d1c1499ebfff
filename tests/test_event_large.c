/* Large events and hostile ones: judged in linear time, and at the limits to the byte. */
#include "tests/test_support.h"

#include <stdio.h>
#include <time.h>

#include "proto/error.h"
#include "proto/event.h"

#define MIB 1048576

static void expect(struct event_judge *judge, const struct text *bytes, enum tocsin_refusal code, const char *field)
{
    struct event event;
    struct refusal refusal;
    assert_false(bytes->failed);
    size_t consumed = event_judge(judge, text_span(bytes), &event, &refusal);
    assert_string_equal(refusal_word(refusal.code), refusal_word(code));
    assert_span_equal(refusal.field, field);
    assert_int_equal(consumed, code == TOCSIN_REFUSAL_MALFORMED ? 0 : bytes->len);
}

/* As the broker's owner may set it: far above the default. */
static struct event_judge *large_judge(void)
{
    struct event_judge *judge = event_judge_new((size_t)16 * MIB, random_bits());
    assert_non_null(judge);
    return judge;
}

/* An event of exactly `len` bytes: its snapshot is one string. */
static void make_event_of(struct text *out, size_t len)
{
    begin_event(out, 6);
    wire_write_str(out, span_of_str("snapshot"));
    size_t filling = len - out->len - 5;
    char *filler = malloc(filling);
    assert_non_null(filler);
    memset(filler, 'x', filling);
    wire_write_str(out, span_of(filler, filling));
    free(filler);
    assert_int_equal(out->len, len);
}

static void an_event_may_be_a_mebibyte_and_not_a_byte_more(void **state)
{
    (void)state;
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct text bytes;
    text_init(&bytes);
    make_event_of(&bytes, MIB);
    expect(judge, &bytes, TOCSIN_ACCEPTED, "");
    make_event_of(&bytes, MIB + 1);
    expect(judge, &bytes, TOCSIN_REFUSAL_LENGTH, "");
    make_event_of(&bytes, 3 * MIB);
    bytes.data[bytes.len - 1] = '\xff';
    expect(judge, &bytes, TOCSIN_REFUSAL_LENGTH, "");
    bytes.len--;
    expect(judge, &bytes, TOCSIN_REFUSAL_MALFORMED, "");
    text_fini(&bytes);
    event_judge_free(&judge);
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void begin_snapshot(struct text *out)
{
    begin_event(out, 6);
    wire_write_str(out, span_of_str("snapshot"));
}

static void half_a_million_keys_are_judged_in_linear_time(void **state)
{
    (void)state;
    const uint32_t count = 500000;
    struct event_judge *judge = large_judge();
    struct text bytes;
    text_init(&bytes);
    begin_snapshot(&bytes);
    wire_write_map(&bytes, count);
    char key[16];
    for (uint32_t i = 0; i < count; i++) {
        wire_write_str(&bytes, span_of(key, (size_t)snprintf(key, sizeof key, "%06x", i)));
        wire_write_nil(&bytes);
    }
    clock_t start = clock();
    expect(judge, &bytes, TOCSIN_ACCEPTED, "");
    memcpy(bytes.data + bytes.len - 7, "000000", 6); /* the last key is the first again */
    expect(judge, &bytes, TOCSIN_REFUSAL_DUPLICATE, "snapshot");
    memcpy(bytes.data + bytes.len - 7, "\0-----", 6);
    expect(judge, &bytes, TOCSIN_REFUSAL_UNSUPPORTED, "snapshot");
    print_message("%.3f s\n", seconds_since(start));
    assert_true(seconds_since(start) < 20.0);
    text_fini(&bytes);
    event_judge_free(&judge);
}

static void many_maps_of_many_keys_are_judged_in_linear_time(void **state)
{
    (void)state;
    struct event_judge *judge = large_judge();
    struct text bytes;
    text_init(&bytes);
    for (uint32_t keys = 1; keys <= 40; keys += 13) {
        begin_snapshot(&bytes);
        wire_write_array(&bytes, 20000);
        for (uint32_t map = 0; map < 20000; map++) {
            wire_write_map(&bytes, keys);
            for (uint32_t i = 0; i < keys; i++) {
                char key = (char)('!' + i);
                wire_write_str(&bytes, span_of(&key, 1));
                wire_write_nil(&bytes);
            }
        }
        clock_t start = clock();
        expect(judge, &bytes, TOCSIN_ACCEPTED, "");
        bytes.data[bytes.len - 2] = '!'; /* the last key of the last map */
        expect(judge, &bytes, keys == 1 ? TOCSIN_ACCEPTED : TOCSIN_REFUSAL_DUPLICATE, keys == 1 ? "" : "snapshot");
        assert_true(seconds_since(start) < 20.0);
    }
    text_fini(&bytes);
    event_judge_free(&judge);
}

static void a_million_nested_arrays_are_too_deep_and_no_more(void **state)
{
    (void)state;
    struct event_judge *judge = large_judge();
    struct text bytes;
    text_init(&bytes);
    begin_snapshot(&bytes);
    for (uint32_t i = 0; i < 1000000; i++)
        wire_write_array(&bytes, 1);
    expect(judge, &bytes, TOCSIN_REFUSAL_MALFORMED, "");
    wire_write_nil(&bytes);
    expect(judge, &bytes, TOCSIN_REFUSAL_DEPTH, "snapshot");
    text_fini(&bytes);
    event_judge_free(&judge);
}

static void long_strings_of_a_snapshot_are_checked_to_their_end(void **state)
{
    (void)state;
    struct event_judge *judge = large_judge();
    struct text bytes;
    text_init(&bytes);
    for (size_t len = 65530; len < 65542; len++) {
        make_event_of(&bytes, len + 200);
        expect(judge, &bytes, TOCSIN_ACCEPTED, "");
        bytes.data[bytes.len - 1] = '\x01';
        expect(judge, &bytes, TOCSIN_ACCEPTED, "");
        bytes.data[bytes.len - 1] = '\0';
        expect(judge, &bytes, TOCSIN_REFUSAL_UNSUPPORTED, "snapshot");
        bytes.data[bytes.len - 1] = '\xc3';
        expect(judge, &bytes, TOCSIN_REFUSAL_UTF8, "snapshot");
    }
    text_fini(&bytes);
    event_judge_free(&judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_may_be_a_mebibyte_and_not_a_byte_more),
        cmocka_unit_test(half_a_million_keys_are_judged_in_linear_time),
        cmocka_unit_test(many_maps_of_many_keys_are_judged_in_linear_time),
        cmocka_unit_test(a_million_nested_arrays_are_too_deep_and_no_more),
        cmocka_unit_test(long_strings_of_a_snapshot_are_checked_to_their_end),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
