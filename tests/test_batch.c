/* From admitted events to lines and frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/admitted.h"
#include "broker/batch.h"
#include "proto/json_read.h"
#include "proto/wire.h"

#define START_US UINT64_C(1795253400000000) /* 2026-11-21T09:30:00Z */

struct fixture {
    struct topics *topics;
    struct batch batch;
    uint8_t chain[CHAIN_HASH_LEN];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.topics = topics_new(1000, 1);
    chain_start(fixture.chain, span_of_str("0123456789abcdef0123456789abcdef"));
    batch_init(&fixture.batch, fixture.topics, 1, 0, fixture.chain);
    *state = &fixture;
    return fixture.topics ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    batch_fini(&fixture->batch);
    topics_free(&fixture->topics);
    return 0;
}

static void put(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* Adds an event of that source to the batch, through the form that it has in the ring. */
static void add(struct batch *batch, const char *source_id, const char *summary, const char *time, uint64_t received_us)
{
    struct text bytes;
    text_init(&bytes);
    wire_write_map(&bytes, time ? 6 : 5);
    put(&bytes, "level", "Info");
    put(&bytes, "category", "StreamEvent");
    put(&bytes, "type", "StreamCreated");
    put(&bytes, "sourceId", source_id);
    put(&bytes, "summary", summary);
    if (time)
        put(&bytes, "time", time);
    struct event event;
    assert_true(event_view(text_span(&bytes), &event));
    uint64_t message[2000];
    assert_true(admitted_size(&event, NULL) <= sizeof message);
    admitted_put(message, &event, NULL, received_us);
    text_fini(&bytes); /* the message stands alone */
    struct event viewed;
    struct span producer;
    admitted_view((const struct admitted *)(const void *)message, &viewed, &producer);
    assert_null(producer.data);
    assert_true(batch_add(batch, &viewed, received_us, producer, 0));
}

static struct line line_at(const struct batch *batch, size_t number)
{
    const char *at = batch->lines.data;
    const char *end = at + batch->lines.len;
    for (;; number--) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(lf);
        if (number == 0) {
            struct line line;
            assert_int_equal(line_read(span_of(at, (size_t)(lf - at)), &line), 0);
            return line;
        }
        at = lf + 1;
    }
}

static void each_event_gets_the_next_seq_and_its_topics_last_one_as_prev(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    const char *const sources[] = {"a", "b", "a", "a", "b"};
    const uint64_t prevs[] = {0, 0, 1, 3, 2};
    for (size_t i = 0; i < 5; i++)
        add(batch, sources[i], "s", NULL, START_US);
    for (size_t i = 0; i < 5; i++) {
        struct line line = line_at(batch, i);
        assert_int_equal(line.seq, i + 1);
        assert_int_equal(line.prev, prevs[i]);
        assert_int_equal(line.batch, 1);
    }
}

static void a_new_group_begins_with_its_own_first_seq(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    add(batch, "a", "s", NULL, START_US);
    batch_begin(batch, true);
    add(batch, "a", "s", NULL, START_US);
    assert_int_equal(line_at(batch, 0).batch, 2);
    batch_begin(batch, false);
    add(batch, "a", "s", NULL, START_US);
    assert_int_equal(line_at(batch, 0).seq, 3);
    assert_int_equal(line_at(batch, 0).batch, 2);
}

static void received_never_goes_back(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    add(batch, "a", "s", NULL, START_US + 10);
    add(batch, "a", "s", NULL, START_US);
    add(batch, "a", "s", NULL, START_US + 11);
    assert_int_equal(line_at(batch, 0).received_us, START_US + 10);
    assert_int_equal(line_at(batch, 1).received_us, START_US + 10);
    assert_int_equal(line_at(batch, 2).received_us, START_US + 11);
}

static void an_event_without_time_gets_that_of_its_receipt(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    add(batch, "a", "s", NULL, START_US + 5);
    add(batch, "a", "s", "2026-11-21T18:30:00+09:00", START_US + 6);
    static const char first[] =
        "{\"seq\":1,\"received\":\"2026-11-21T09:30:00.000005Z\",\"time\":\"2026-11-21T09:30:00.000005Z\",";
    static const char second[] =
        "{\"seq\":2,\"received\":\"2026-11-21T09:30:00.000006Z\",\"time\":\"2026-11-21T18:30:00+09:00\",";
    assert_memory_equal(batch->lines.data, first, sizeof first - 1);
    const char *lf = memchr(batch->lines.data, '\n', batch->lines.len);
    assert_memory_equal(lf + 1, second, sizeof second - 1);

    size_t at = 0;
    struct batch_frame frame;
    struct span bytes;
    assert_true(batch_next_frame(batch, &at, &frame, &bytes));
    size_t topic_len = strlen("StreamEvent/a") + 1;
    struct record record;
    size_t used;
    assert_int_equal(record_read(span_of(bytes.data + topic_len, bytes.len - topic_len), &record, &used), 0);
    assert_true(span_is(record.event.time, "2026-11-21T09:30:00.000005Z"));
    assert_int_equal(record.received_us, START_US + 5);
}

static void the_chain_goes_over_every_line(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 10; i++)
        add(&fixture->batch, i % 2 ? "a" : "b", "s", NULL, START_US + i);
    uint8_t chain[CHAIN_HASH_LEN];
    memcpy(chain, fixture->chain, sizeof chain);
    for (size_t i = 0; i < 10; i++) {
        struct line line = line_at(&fixture->batch, i);
        chain_next(chain, line.hashed);
        assert_true(chain_matches(chain, line.hash));
    }
    assert_memory_equal(chain, fixture->batch.hash, sizeof chain);
}

/* Counts frames and the records in them; each frame holds one topic. */
static size_t count_frames(const struct batch *batch, uint64_t *records)
{
    size_t at = 0;
    size_t count = 0;
    struct batch_frame frame;
    struct span bytes;
    *records = 0;
    while (batch_next_frame(batch, &at, &frame, &bytes)) {
        const uint8_t *nul = memchr(bytes.data, '\0', bytes.len);
        assert_non_null(nul);
        size_t topic_len = (size_t)(nul - bytes.data);
        struct span rest = span_of(nul + 1, bytes.len - topic_len - 1);
        uint32_t in_frame = 0;
        while (rest.len > 0) {
            struct record record;
            size_t used;
            assert_int_equal(record_read(rest, &record, &used), 0);
            char topic[TOCSIN_TOPIC_MAX];
            assert_true(span_equals(span_of(topic, event_topic(&record.event, topic)), span_of(bytes.data, topic_len)));
            assert_int_equal(record.seq, ++*records);
            rest = span_of(rest.data + used, rest.len - used);
            in_frame++;
        }
        assert_int_equal(in_frame, frame.event_count);
        assert_int_equal(frame.last_seq, *records);
        assert_true(bytes.len <= BATCH_FRAME_LEN_MAX || frame.event_count == 1);
        count++;
    }
    return count;
}

static void records_of_one_topic_in_a_row_share_a_frame(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    const char *const sources[] = {"cam", "cam", "cam2", "cam2", "cam", "c"};
    for (size_t i = 0; i < 6; i++)
        add(batch, sources[i], "s", NULL, START_US);
    uint64_t records;
    assert_int_equal(count_frames(batch, &records), 4);
    assert_int_equal(records, 6);
}

static void a_frame_ends_at_64_kib(void **state)
{
    struct batch *batch = &((struct fixture *)*state)->batch;
    char summary[1001];
    memset(summary, 'x', sizeof summary - 1);
    summary[1000] = '\0';
    for (size_t i = 0; i < 200; i++)
        add(batch, "a", summary, NULL, START_US);
    uint64_t records;
    size_t frames = count_frames(batch, &records);
    assert_int_equal(records, 200);
    assert_in_range(frames, 4, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_event_gets_the_next_seq_and_its_topics_last_one_as_prev, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_new_group_begins_with_its_own_first_seq, set_up, tear_down),
        cmocka_unit_test_setup_teardown(received_never_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_event_without_time_gets_that_of_its_receipt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_chain_goes_over_every_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_of_one_topic_in_a_row_share_a_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_frame_ends_at_64_kib, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
