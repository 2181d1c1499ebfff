/* What allocates: composing and judging events, reading lines and records, showing them, in a steady state: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_support.h"
#include "client/collector.h"
#include "client/gap.h"
#include "client/live_frame.h"
#include "client/record_json.h"
#include "client/tocsin.h"

#define WARM_UP 100
#define STEADY  2000

static const uint8_t *compose(struct tocsin_event *event, unsigned number, size_t *len)
{
    char source_id[32];
    const uint8_t *bytes;
    snprintf(source_id, sizeof source_id, "#default#app/cam%u", number % 50);
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "StreamCreated", source_id, "A camera came");
    tocsin_event_set_time_now(event);
    tocsin_event_map_begin(event, 2);
    tocsin_event_key(event, "width");
    tocsin_event_uint(event, number);
    tocsin_event_key(event, "more");
    tocsin_event_snapshot_json(event, "{\"fps\":29.97,\"tracks\":[1,2,3]}");
    assert_int_equal(tocsin_event_encode(event, &bytes, len), TOCSIN_OK);
    return bytes;
}

static void composing_and_collecting_allocate_nothing_in_a_steady_state(void **state)
{
    (void)state;
    struct tocsin_event *event = tocsin_event_new();
    struct collector collector;
    collector_init(&collector);
    unsigned long before = 0;
    for (unsigned i = 0; i < WARM_UP + STEADY; i++) {
        size_t len;
        if (i == WARM_UP)
            before = alloc_count;
        const uint8_t *bytes = compose(event, i, &len);
        if (i % 50 == 0)
            collector_sent(&collector, 0);
        assert_true(collector_add(&collector, span_of(bytes, len)));
    }
    assert_int_equal(alloc_count - before, 0);
    static const char line[] =
        "{\"level\":\"Info\",\"category\":\"C\",\"type\":\"T\",\"sourceId\":\"s\",\"summary\":\"x\"}";
    for (unsigned i = 0; i < WARM_UP + STEADY; i++) {
        if (i == WARM_UP)
            before = alloc_count;
        assert_int_equal(tocsin_event_from_json(event, line, sizeof line - 1, NULL, 0), TOCSIN_OK);
        assert_int_equal(tocsin_event_encode(event, NULL, NULL), TOCSIN_OK);
    }
    assert_int_equal(alloc_count - before, 0);
    collector_fini(&collector);
    tocsin_event_free(&event);
}

static void following_allocates_nothing_in_a_steady_state(void **state)
{
    (void)state;
    struct tocsin_event *event = tocsin_event_new();
    struct event_judge *judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    struct gap_tracker *gaps = gap_tracker_new(false, 1000);
    struct text frame, json;
    text_init(&frame);
    text_init(&json);
    gap_begin(gaps, 0);
    unsigned long before = 0;
    for (unsigned i = 1; i < WARM_UP + STEADY; i++) {
        size_t len;
        const uint8_t *bytes = compose(event, i, &len);
        uint8_t head[RECORD_HEAD_MAX];
        if (i == WARM_UP)
            before = alloc_count;
        text_clear(&frame);
        text_printf(&frame, "StreamEvent/#default#app/cam%u", i % 50);
        text_put_char(&frame, '\0');
        text_put(&frame, head, record_write_head(head, i, i > 50 ? i - 50 : 0, 1));
        text_put(&frame, bytes, len);
        struct live_frame open;
        struct record record;
        struct gap gap;
        assert_int_equal(live_frame_open(text_span(&frame), &open), TOCSIN_OK);
        assert_int_equal(live_frame_next(&open, judge, &record), TOCSIN_OK);
        assert_int_equal(gap_on_record(gaps, open.topic, record.seq, record.prev, &gap), GAP_NONE);
        text_clear(&json);
        record_json_write(&json, &record);
    }
    assert_int_equal(alloc_count - before, 0);
    text_fini(&frame);
    text_fini(&json);
    gap_tracker_free(&gaps);
    event_judge_free(&judge);
    tocsin_event_free(&event);
}

/* Each allocation fails in turn; what is made is what can be made, and all is given back. */
static void memory_that_runs_out_is_told_wherever_it_happens(void **state)
{
    (void)state;
    bool was_refused = false, was_made = false;
    for (unsigned long budget = 0; budget < 60; budget++) {
        alloc_budget = budget;
        struct tocsin_event *event = tocsin_event_new();
        if (event) {
            tocsin_event_set(event, TOCSIN_LEVEL_INFO, "C", "T", "s", "x");
            tocsin_event_set_cause(event, "Why");
            tocsin_event_snapshot_json(event, "{\"a\":[1,2,3]}");
            int error = tocsin_event_encode(event, NULL, NULL);
            assert_true(error == TOCSIN_OK || error == TOCSIN_E_NOMEM);
            was_refused |= error == TOCSIN_E_NOMEM;
            was_made |= error == TOCSIN_OK;
        }
        alloc_budget = ULONG_MAX;
        tocsin_event_free(&event);
    }
    assert_true(was_refused && was_made);
}

static void handles_that_cannot_be_made_are_not_half_made(void **state)
{
    (void)state;
    struct tocsin_filter filter = {TOCSIN_FILTER_SUBTREE, "C", "s"};
    const char *types[] = {"A", "B"};
    struct tocsin_subscriber_options follow = {.live = "inproc://nobody",
                                               .filters = &filter,
                                               .filter_count = 1,
                                               .types = types,
                                               .type_count = 2,
                                               .connect_timeout_ms = 1};
    struct tocsin_publisher_options publish = {.ingest = "inproc://nobody", .connect_timeout_ms = TOCSIN_NOWAIT};
    unsigned no_memory = 0;
    for (unsigned long budget = 0; budget < 30; budget++) {
        struct tocsin_subscriber *subscriber;
        struct tocsin_publisher *publisher;
        alloc_budget = budget;
        int following = tocsin_subscriber_open(&subscriber, &follow);
        int publishing = tocsin_publisher_open(&publisher, &publish);
        alloc_budget = ULONG_MAX;
        assert_true(following == TOCSIN_E_NOMEM || following == TOCSIN_E_UNREACHABLE);
        assert_true(publishing == TOCSIN_E_NOMEM || publishing == TOCSIN_OK);
        assert_null(subscriber);
        assert_int_equal(publisher != NULL, publishing == TOCSIN_OK);
        no_memory += following == TOCSIN_E_NOMEM;
        no_memory += publishing == TOCSIN_E_NOMEM;
        tocsin_publisher_close(&publisher, NULL);
    }
    assert_true(no_memory >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composing_and_collecting_allocate_nothing_in_a_steady_state),
        cmocka_unit_test(following_allocates_nothing_in_a_steady_state),
        cmocka_unit_test(memory_that_runs_out_is_told_wherever_it_happens),
        cmocka_unit_test(handles_that_cannot_be_made_are_not_half_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
