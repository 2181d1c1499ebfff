/* Records: their place in the log as MessagePack, one after the other in a frame, and as a line. */
#include "tests/test_support.h"

#include "proto/record.h"

static void put_record(struct text *out, uint64_t seq, uint64_t prev, uint64_t received_us, const struct text *event)
{
    uint8_t head[RECORD_HEAD_MAX];
    text_put(out, head, record_write_head(head, seq, prev, received_us));
    text_put(out, event->data, event->len);
}

static void a_head_is_what_the_writer_of_messagepack_writes(void **state)
{
    (void)state;
    struct text expected;
    text_init(&expected);
    for (unsigned bit = 0; bit < 64; bit++) {
        for (uint64_t step = 0; step < 3; step++) {
            uint64_t number = (UINT64_C(1) << bit) - 1 + step;
            text_clear(&expected);
            wire_write_array(&expected, 4);
            wire_write_uint(&expected, number);
            wire_write_uint(&expected, number / 3);
            wire_write_uint(&expected, UINT64_MAX - number);
            uint8_t head[RECORD_HEAD_MAX];
            size_t len = record_write_head(head, number, number / 3, UINT64_MAX - number);
            assert_int_equal(len, expected.len);
            assert_memory_equal(head, expected.data, len);
        }
    }
    uint8_t head[RECORD_HEAD_MAX];
    assert_int_equal(record_write_head(head, UINT64_MAX, UINT64_MAX, UINT64_MAX), RECORD_HEAD_MAX);
    text_fini(&expected);
}

static void the_records_of_a_frame_are_read_one_by_one(void **state)
{
    (void)state;
    struct text event, frame;
    text_init(&event);
    text_init(&frame);
    begin_event(&event, 5);
    for (uint64_t seq = 1; seq <= 300; seq++)
        put_record(&frame, seq, seq - 1, seq * 1000000, &event);
    uint8_t *bytes = exact_copy(text_span(&frame));
    size_t at = 0;
    struct record record;
    size_t used;
    for (uint64_t seq = 1; seq <= 300; seq++) {
        assert_int_equal(record_read(span_of(bytes + at, frame.len - at), &record, &used), 0);
        assert_true(record.seq == seq && record.prev == seq - 1 && record.received_us == seq * 1000000);
        assert_int_equal(record.event.bytes.len, event.len);
        assert_span_equal(record.event.type, "StreamCreated");
        at += used;
    }
    assert_int_equal(at, frame.len);
    assert_int_equal(record_read(span_of(bytes + at, 0), &record, &used), TOCSIN_E_END);
    free(bytes);
    text_fini(&event);
    text_fini(&frame);
}

static void a_record_cut_short_is_none(void **state)
{
    (void)state;
    struct text event, frame;
    text_init(&event);
    text_init(&frame);
    begin_event(&event, 5);
    put_record(&frame, 300, 70000, UINT64_C(1795221000125000), &event);
    for (size_t len = 1; len < frame.len; len++) {
        uint8_t *bytes = exact_copy(span_of(frame.data, len));
        struct record record;
        size_t used;
        assert_int_equal(record_read(span_of(bytes, len), &record, &used), TOCSIN_E_PROTOCOL);
        free(bytes);
    }
    text_fini(&event);
    text_fini(&frame);
}

/* Writes an array of `count` items of which the last is the event, or what stands in its place. */
static int read_made(uint32_t count, bool has_negative, bool has_event)
{
    struct text event, frame;
    text_init(&event);
    text_init(&frame);
    begin_event(&event, 5);
    wire_write_array(&frame, count);
    wire_write_uint(&frame, 2);
    wire_write_int(&frame, has_negative ? -1 : 1);
    wire_write_uint(&frame, 3);
    if (has_event)
        text_put(&frame, event.data, event.len);
    else
        wire_write_map(&frame, 0);
    for (uint32_t extra = 4; extra < count; extra++)
        wire_write_nil(&frame);
    struct record record;
    size_t used;
    int rc = record_read(text_span(&frame), &record, &used);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    assert_int_equal(record_judge(judge, text_span(&frame), &record, &used), rc);
    event_judge_free(&judge);
    text_fini(&event);
    text_fini(&frame);
    return rc;
}

static void what_is_no_record_breaks_the_protocol(void **state)
{
    (void)state;
    assert_int_equal(read_made(4, false, true), 0);
    assert_int_equal(read_made(3, false, true), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_made(5, false, true), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_made(4, true, true), TOCSIN_E_PROTOCOL);
    assert_int_equal(read_made(4, false, false), TOCSIN_E_PROTOCOL);
    struct record record;
    size_t used;
    assert_int_equal(record_read(span_of_str("\xc1"), &record, &used), TOCSIN_E_PROTOCOL);
    assert_int_equal(record_read(span_of_str("\x80"), &record, &used), TOCSIN_E_PROTOCOL);
    assert_int_equal(record_read(span_of_str("\xdd\xff\xff\xff\xff"), &record, &used), TOCSIN_E_PROTOCOL);
}

static int judge_made(uint64_t seq, uint64_t prev, const struct text *event, size_t max_event_bytes)
{
    struct text frame;
    text_init(&frame);
    put_record(&frame, seq, prev, 3, event);
    size_t len = frame.len;
    text_put_str(&frame, "what follows");
    struct event_judge *judge = event_judge_new(max_event_bytes, 1);
    struct record record;
    size_t used = 0;
    int rc = record_judge(judge, text_span(&frame), &record, &used);
    if (rc == TOCSIN_OK) {
        assert_int_equal(used, len);
        assert_int_equal(record.event.bytes.len, event->len);
        assert_span_equal(record.event.type, "StreamCreated");
    }
    event_judge_free(&judge);
    text_fini(&frame);
    return rc;
}

static void a_record_of_others_holds_an_event_that_passes_and_stands_behind_the_one_before(void **state)
{
    (void)state;
    struct text event, unknown;
    text_init(&event);
    text_init(&unknown);
    begin_event(&event, 5);
    begin_event(&unknown, 6);
    wire_write_str(&unknown, span_of_str("unknown"));
    wire_write_nil(&unknown);
    assert_int_equal(judge_made(2, 1, &event, event.len), TOCSIN_OK);
    assert_int_equal(judge_made(2, 2, &event, event.len), TOCSIN_E_PROTOCOL);
    assert_int_equal(judge_made(2, 1, &event, event.len - 1), TOCSIN_E_PROTOCOL);
    assert_int_equal(judge_made(2, 1, &unknown, TOCSIN_EVENT_BYTES_MAX), TOCSIN_E_PROTOCOL);
    text_fini(&event);
    text_fini(&unknown);
}

static void assert_line(const struct provenance *provenance, uint64_t prev, const char *expected)
{
    struct text bytes, line;
    text_init(&bytes);
    text_init(&line);
    begin_event(&bytes, 8);
    put_pair(&bytes, "cause", "x");
    wire_write_str(&bytes, span_of_str("snapshot"));
    wire_write_nil(&bytes);
    put_pair(&bytes, "time", "2026-11-21T09:30:00+09:00");
    struct record record = {.seq = 18446744073709551615U, .prev = prev, .received_us = 7};
    assert_true(event_view(text_span(&bytes), &record.event));
    text_put_str(&line, "line before\n"); /* a line is appended */
    record_write_line(&line, &record, span_of_str("2026-11-21T00:30:00.000000Z"), provenance);
    assert_text_equal(&line, expected);
    text_fini(&bytes);
    text_fini(&line);
}

#define LINE_BEGINNING                                                                                                 \
    "line before\n{\"seq\":18446744073709551615,\"received\":\"2026-11-21T00:30:00.000000Z\","                         \
    "\"time\":\"2026-11-21T09:30:00+09:00\",\"level\":\"Info\",\"category\":\"StreamEvent\","                          \
    "\"type\":\"StreamCreated\",\"sourceId\":\"#default#app/stream\",\"summary\":\"A new stream has been created\","   \
    "\"cause\":\"x\",\"snapshot\":null,"

static void a_line_has_its_keys_in_the_order_of_the_protocol(void **state)
{
    (void)state;
    const struct provenance none = {{NULL, 0}, 0, 9};
    assert_line(&none, 0, LINE_BEGINNING "\"prev\":0,\"batch\":9");
    const struct provenance encoder = {span_of_str("encoder.7"), 18446744073709551615U, 1};
    assert_line(&encoder, 70000,
                LINE_BEGINNING "\"prev\":70000,\"producer\":\"encoder.7\",\"n\":18446744073709551615,\"batch\":1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_what_the_writer_of_messagepack_writes),
        cmocka_unit_test(the_records_of_a_frame_are_read_one_by_one),
        cmocka_unit_test(a_record_cut_short_is_none),
        cmocka_unit_test(what_is_no_record_breaks_the_protocol),
        cmocka_unit_test(a_record_of_others_holds_an_event_that_passes_and_stands_behind_the_one_before),
        cmocka_unit_test(a_line_has_its_keys_in_the_order_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
