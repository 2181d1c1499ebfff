/* Judging and writing events take no memory once they have run for a while; and memory that fails is survived. */
#include "tests/alloc_support.h"
#include "tests/test_support.h"
#include "tests/vector_support.h"

#include "proto/event.h"
#include "proto/json.h"
#include "proto/record.h"

#define EVENTS_MAX 1000
#define ROUNDS     50

struct events {
    uint8_t *bytes[EVENTS_MAX];
    size_t len[EVENTS_MAX];
    size_t count;
};

static void keep(const json_t *vector, void *arg)
{
    struct events *events = arg;
    assert_true(events->count < EVENTS_MAX);
    events->bytes[events->count] = vector_bytes(vector, "bytes", &events->len[events->count]);
    events->count++;
}

static void discard(struct events *events)
{
    for (size_t i = 0; i < events->count; i++)
        free(events->bytes[i]);
}

/* All that the broker does with the bytes of an event. */
static void work(struct event_judge *judge, struct span bytes, struct text *text, uint64_t seq)
{
    struct record record = {seq, seq - 1, seq, {.bytes = bytes}};
    struct refusal refusal;
    text_clear(text);
    event_judge(judge, bytes, &record.event, &refusal);
    if (refusal.code)
        return;
    char topic[TOCSIN_TOPIC_MAX];
    uint8_t head[RECORD_HEAD_MAX];
    event_topic(&record.event, topic);
    text_put(text, head, record_write_head(head, record.seq, record.prev, record.received_us));
    event_write_with_time(text, &record.event, span_of_str("2026-11-21T00:30:00.125000Z"));
    const struct provenance provenance = {span_of_str("producer"), seq, seq};
    record_write_line(text, &record, span_of_str("2026-11-21T00:30:00.125000Z"), &provenance);
    assert_false(text->failed);
}

static void events_take_no_memory_in_steady_state(void **state)
{
    (void)state;
    struct events events = {.count = 0};
    for_each_vector("valid", keep, &events);
    for_each_vector("refused", keep, &events);
    assert_true(events.count > 700);
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct text text;
    text_init(&text);
    unsigned long before = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round == 1)
            before = alloc_count;
        for (size_t i = 0; i < events.count; i++)
            work(judge, span_of(events.bytes[i], events.len[i]), &text, i + 1);
    }
    print_message("%zu events %d times: %lu allocations\n", events.count, ROUNDS - 1, alloc_count - before);
    assert_int_equal(alloc_count, before);
    text_fini(&text);
    event_judge_free(&judge);
    discard(&events);
}

static void the_count_counts(void **state)
{
    (void)state;
    unsigned long before = alloc_count;
    struct text text;
    text_init(&text);
    text_put_str(&text, "x");
    assert_int_equal(alloc_count, before + 1);
    text_fini(&text);
}

static void a_judge_without_memory_is_none(void **state)
{
    (void)state;
    unsigned long needed = alloc_count;
    struct event_judge *judge = event_judge_new(1000, 1);
    needed = alloc_count - needed;
    assert_non_null(judge);
    event_judge_free(&judge);
    assert_null(judge);
    event_judge_free(&judge);
    assert_in_range(needed, 2, 10);
    for (unsigned long budget = 0; budget < needed; budget++) {
        alloc_budget = budget;
        judge = event_judge_new(1000, 1);
        alloc_budget = ULONG_MAX;
        assert_null(judge);
    }
}

/* Each allocation fails in turn: what was written before stays, and the failure can be seen at the end. */
static void a_text_that_cannot_grow_says_so(void **state)
{
    (void)state;
    struct text bytes;
    text_init(&bytes);
    begin_event(&bytes, 7);
    put_pair(&bytes, "time", "2026-11-21T00:30:00Z");
    wire_write_str(&bytes, span_of_str("snapshot"));
    wire_write_array(&bytes, 3);
    char long_text[20000];
    memset(long_text, '\n', sizeof long_text);
    wire_write_str(&bytes, span_of(long_text, sizeof long_text));
    wire_write_double(&bytes, 0.1);
    wire_write_map(&bytes, 0);
    struct event event;
    assert_true(event_view(text_span(&bytes), &event));

    bool failed = true;
    for (unsigned long budget = 0; failed; budget++) {
        assert_true(budget < 100);
        struct text text;
        text_init(&text);
        alloc_budget = budget;
        json_write_event(&text, &event);
        event_write_with_time(&text, &event, span_of_str("2026-11-21T00:30:00Z"));
        text_printf(&text, "%d", 1);
        alloc_budget = ULONG_MAX;
        failed = text.failed;
        assert_true(text.len <= text.capacity);
        assert_true(failed || text.data[text.len - 1] == '1');
        text_fini(&text);
    }
    text_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_counts),
        cmocka_unit_test(events_take_no_memory_in_steady_state),
        cmocka_unit_test(a_judge_without_memory_is_none),
        cmocka_unit_test(a_text_that_cannot_grow_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
