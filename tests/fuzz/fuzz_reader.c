/* Bytes as a frame at the ingest door: events back to back, each judged by itself. What is accepted is viewed the same
 * without a check, and goes through JSON, the record and the topic unharmed. */
#include "tests/fuzz/fuzz_support.h"

#include "proto/event.h"
#include "proto/json.h"
#include "proto/record.h"

static bool is_same_span(struct span a, struct span b)
{
    return (a.data == NULL) == (b.data == NULL) && span_equals(a, b);
}

static bool is_same_event(const struct event *a, const struct event *b)
{
    return a->level == b->level && is_same_span(a->time, b->time) && is_same_span(a->category, b->category) &&
           is_same_span(a->type, b->type) && is_same_span(a->source_id, b->source_id) &&
           is_same_span(a->summary, b->summary) && is_same_span(a->cause, b->cause) &&
           is_same_span(a->snapshot, b->snapshot);
}

/* The bytes are judged to be an event; `other` is what they must say. */
static void must_be_accepted(struct event_judge *judge, struct span bytes, const struct event *other)
{
    struct event event;
    struct refusal refusal;
    must(event_judge(judge, bytes, &event, &refusal) == bytes.len);
    must(refusal.code == TOCSIN_ACCEPTED);
    must(is_same_event(&event, other));
}

static void check_view(const struct event *event)
{
    struct event view;
    must(event_view(event->bytes, &view));
    must(is_same_event(event, &view) && span_equals(event->bytes, view.bytes));
    char topic[TOCSIN_TOPIC_MAX];
    size_t len = event_topic(event, topic);
    must(len == event->category.len + 1 + event->source_id.len && len < TOCSIN_TOPIC_MAX);
}

static void check_record(const struct event *event)
{
    struct text bytes;
    text_init(&bytes);
    must(text_reserve(&bytes, RECORD_HEAD_MAX));
    bytes.len = record_write_head((uint8_t *)bytes.data, 1, 0, event->bytes.len);
    text_put(&bytes, event->bytes.data, event->bytes.len);
    struct record record;
    size_t used;
    must(record_read(text_span(&bytes), &record, &used) == 0 && used == bytes.len);
    must(is_same_event(event, &record.event));
    text_fini(&bytes);
}

static void check_json(struct event_judge *judge, const struct event *event)
{
    struct text json, back, snapshot;
    text_init(&json);
    text_init(&back);
    text_init(&snapshot);
    json_write_event(&json, event);
    must_be_printable(text_span(&json));
    must(json_read_value(text_span(&json), JSON_DEPTH_MAX, &back, NULL) == 0);
    struct event expected = *event;
    if (event->snapshot.data) {
        write_canonical(&snapshot, event->snapshot);
        expected.snapshot = text_span(&snapshot);
    }
    must_be_accepted(judge, text_span(&back), &expected);
    text_fini(&json);
    text_fini(&back);
    text_fini(&snapshot);
}

static void check_time(struct event_judge *judge, const struct event *event)
{
    struct text bytes;
    text_init(&bytes);
    struct event expected = *event;
    expected.time = span_of_str("2026-11-21T00:30:00.125000Z");
    event_write_with_time(&bytes, event, expected.time);
    must_be_accepted(judge, text_span(&bytes), &expected);
    text_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_judge *judge;
    if (!judge)
        judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, FUZZ_SEED);
    struct span frame = span_of(data, size);
    while (frame.len > 0) {
        struct event event;
        struct refusal refusal;
        size_t taken = event_judge(judge, frame, &event, &refusal);
        must(taken <= frame.len && refusal.code < TOCSIN_REFUSAL_COUNT);
        must((taken == 0) == (refusal.code == TOCSIN_REFUSAL_MALFORMED));
        if (taken == 0)
            break;
        if (refusal.code == TOCSIN_ACCEPTED) {
            must(event.bytes.data == frame.data && event.bytes.len == taken);
            check_view(&event);
            check_record(&event);
            check_json(judge, &event);
            if (!event.time.data)
                check_time(judge, &event);
        }
        frame = span_of(frame.data + taken, frame.len - taken);
    }
    return 0;
}
