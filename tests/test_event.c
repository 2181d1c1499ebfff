/* The judge's view of an event: what it holds, what it promises, and how it is written again. Most of what is
 * accepted and refused is in proto/vectors. */
#include "tests/test_support.h"

#include "proto/event.h"
#include "proto/json.h"

/* The verdict on an event of which one member is replaced by, or gets in addition, this text. */
static enum tocsin_refusal verdict_on(struct event_judge *judge, const char *key, struct span value)
{
    static const char *const required[] = {"level", "category", "type", "sourceId", "summary"};
    struct text bytes;
    text_init(&bytes);
    bool is_required = strcmp(key, "cause") != 0;
    wire_write_map(&bytes, is_required ? 5 : 6);
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        if (strcmp(required[i], key) != 0)
            put_pair(&bytes, required[i], "Info");
    }
    wire_write_str(&bytes, span_of_str(key));
    wire_write_str(&bytes, value);
    struct event event;
    struct refusal refusal;
    assert_int_equal(event_judge(judge, text_span(&bytes), &event, &refusal), bytes.len);
    text_fini(&bytes);
    return refusal.code;
}

static void every_byte_is_judged_by_the_set_that_the_field_allows(void **state)
{
    (void)state;
    static const char token_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    static const char *const tokens[] = {"category", "type", "cause"};
    static const char *const lines[] = {"sourceId", "summary"};
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    for (unsigned byte = 0; byte < 256; byte++) {
        const char text[] = {'a', (char)byte, 'b'};
        enum tocsin_refusal refused = byte == 0     ? TOCSIN_REFUSAL_UNSUPPORTED
                                      : byte < 0x80 ? TOCSIN_REFUSAL_VALUE
                                                    : TOCSIN_REFUSAL_UTF8;
        bool is_token = byte != 0 && strchr(token_chars, (int)byte);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(verdict_on(judge, tokens[i], span_of(text, 3)), is_token ? TOCSIN_ACCEPTED : refused);
        bool is_printable = byte >= ' ' && byte < 0x7f;
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(verdict_on(judge, lines[i], span_of(text, 3)), is_printable ? TOCSIN_ACCEPTED : refused);
        assert_int_equal(verdict_on(judge, "level", span_of(text, 3)), refused);
    }
    event_judge_free(&judge);
}

static void no_bytes_are_malformed(void **state)
{
    (void)state;
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct event event;
    struct refusal refusal;
    assert_int_equal(event_judge(judge, span_of(NULL, 0), &event, &refusal), 0);
    assert_int_equal(refusal.code, TOCSIN_REFUSAL_MALFORMED);
    assert_int_equal(refusal.field.len, 0);
    assert_false(event_view(span_of(NULL, 0), &event));
    event_judge_free(&judge);
}

static void make_full_event(struct text *out)
{
    begin_event(out, 8);
    put_pair(out, "cause", "BFrameDetected");
    wire_write_str(out, span_of_str("snapshot"));
    wire_write_array(out, 2);
    wire_write_uint(out, 300);
    wire_write_str(out, span_of_str("x"));
    put_pair(out, "time", "2026-11-21T09:30:00.125+09:00");
}

static void the_view_holds_the_contents_and_borrows_them(void **state)
{
    (void)state;
    struct text bytes;
    text_init(&bytes);
    make_full_event(&bytes);
    wire_write_nil(&bytes); /* what follows in the frame is none of its business */
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct event event;
    struct refusal refusal;
    assert_int_equal(event_judge(judge, text_span(&bytes), &event, &refusal), bytes.len - 1);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    assert_ptr_equal(event.bytes.data, bytes.data);
    assert_int_equal(event.bytes.len, bytes.len - 1);
    assert_int_equal(event.level, TOCSIN_LEVEL_INFO);
    assert_span_equal(event.time, "2026-11-21T09:30:00.125+09:00");
    assert_span_equal(event.category, "StreamEvent");
    assert_span_equal(event.type, "StreamCreated");
    assert_span_equal(event.source_id, "#default#app/stream");
    assert_span_equal(event.summary, "A new stream has been created");
    assert_span_equal(event.cause, "BFrameDetected");
    assert_span_equal(event.snapshot, "\x92\xcd\x01\x2c\xa1x");
    assert_true(event.summary.data > (const uint8_t *)bytes.data);
    assert_true(event.summary.data < (const uint8_t *)bytes.data + bytes.len);

    struct event view;
    assert_true(event_view(text_span(&bytes), &view));
    assert_int_equal(view.bytes.len, event.bytes.len);
    assert_int_equal(view.level, event.level);
    assert_ptr_equal(view.source_id.data, event.source_id.data);
    assert_ptr_equal(view.snapshot.data, event.snapshot.data);
    text_fini(&bytes);
    event_judge_free(&judge);
}

static void what_is_absent_has_no_data_and_what_is_empty_has(void **state)
{
    (void)state;
    struct text bytes;
    text_init(&bytes);
    wire_write_map(&bytes, 5);
    put_pair(&bytes, "level", "Error");
    put_pair(&bytes, "category", "c");
    put_pair(&bytes, "type", "t");
    put_pair(&bytes, "sourceId", "s");
    put_pair(&bytes, "summary", "");
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct event event;
    struct refusal refusal;
    event_judge(judge, text_span(&bytes), &event, &refusal);
    assert_int_equal(refusal.code, TOCSIN_ACCEPTED);
    assert_null(event.time.data);
    assert_null(event.cause.data);
    assert_null(event.snapshot.data);
    assert_non_null(event.summary.data);
    assert_int_equal(event.summary.len, 0);
    text_fini(&bytes);
    event_judge_free(&judge);
}

/* Cut and changed anywhere, in memory of exactly that size: the view stays within it, and so does what it promises. */
static void a_view_of_any_bytes_stays_within_them(void **state)
{
    (void)state;
    struct text bytes, json;
    text_init(&bytes);
    text_init(&json);
    make_full_event(&bytes);
    unsigned viewed = 0;
    for (unsigned round = 0; round < 30000; round++) {
        size_t len = round < bytes.len ? round : bytes.len;
        uint8_t *copy = exact_copy(span_of(bytes.data, len));
        for (uint64_t changes = round <= bytes.len ? 0 : 1 + random_below(3); changes > 0; changes--)
            copy[random_below(len)] = (uint8_t)random_bits();
        struct event event;
        if (event_view(span_of(copy, len), &event)) {
            char *topic = malloc(TOCSIN_TOPIC_MAX);
            assert_non_null(topic);
            assert_true(event_topic(&event, topic) < TOCSIN_TOPIC_MAX);
            assert_true(event.bytes.len <= len);
            text_clear(&json);
            json_write_event(&json, &event);
            free(topic);
            viewed++;
        } else {
            assert_true(round != bytes.len);
        }
        free(copy);
    }
    assert_in_range(viewed, 1000, 29000);
    text_fini(&bytes);
    text_fini(&json);
}

/* Ring and log hold only what has passed; should that ever fail, a topic must still fit into its room. */
static void no_view_has_a_topic_beyond_its_room(void **state)
{
    (void)state;
    static const size_t lens[][2] = {{64, 128}, {65, 128}, {64, 129}, {100, 100}, {1, 1000}};
    char filler[1001];
    memset(filler, 'x', sizeof filler);
    struct text bytes;
    text_init(&bytes);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        text_clear(&bytes);
        wire_write_map(&bytes, 5);
        put_pair(&bytes, "level", "Error");
        wire_write_str(&bytes, span_of_str("category"));
        wire_write_str(&bytes, span_of(filler, lens[i][0]));
        put_pair(&bytes, "type", "t");
        wire_write_str(&bytes, span_of_str("sourceId"));
        wire_write_str(&bytes, span_of(filler, lens[i][1]));
        put_pair(&bytes, "summary", "");
        struct event event;
        assert_int_equal(event_view(text_span(&bytes), &event), i == 0);
    }
    text_fini(&bytes);
}

static void a_time_is_added_as_the_last_member(void **state)
{
    (void)state;
    const struct span time = span_of_str("2026-11-21T00:30:00.125000Z");
    struct text bytes, stamped, json;
    text_init(&bytes);
    text_init(&stamped);
    text_init(&json);
    begin_event(&bytes, 5);
    size_t len = bytes.len;
    wire_write_nil(&bytes); /* the next value of the frame, which must not be taken along */
    struct event event;
    assert_true(event_view(text_span(&bytes), &event));
    event_write_with_time(&stamped, &event, time);
    assert_int_equal(stamped.len, len + 1 + 4 + 1 + time.len);
    assert_int_equal((uint8_t)stamped.data[0], 0x86);
    assert_memory_equal(stamped.data + 1, bytes.data + 1, len - 1);
    assert_memory_equal(stamped.data + len, "\xa4time\xbb", 6);
    assert_true(event_view(text_span(&stamped), &event));
    json_write_event(&json, &event);
    assert_text_equal(&json,
                      "{\"time\":\"2026-11-21T00:30:00.125000Z\",\"level\":\"Info\",\"category\":\"StreamEvent\","
                      "\"type\":\"StreamCreated\",\"sourceId\":\"#default#app/stream\","
                      "\"summary\":\"A new stream has been created\"}");

    event.bytes = span_of_str("no map");
    text_clear(&stamped);
    event_write_with_time(&stamped, &event, time);
    assert_true(stamped.failed);
    text_fini(&bytes);
    text_fini(&stamped);
    text_fini(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_judged_by_the_set_that_the_field_allows),
        cmocka_unit_test(no_bytes_are_malformed),
        cmocka_unit_test(the_view_holds_the_contents_and_borrows_them),
        cmocka_unit_test(what_is_absent_has_no_data_and_what_is_empty_has),
        cmocka_unit_test(a_view_of_any_bytes_stays_within_them),
        cmocka_unit_test(no_view_has_a_topic_beyond_its_room),
        cmocka_unit_test(a_time_is_added_as_the_last_member),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
