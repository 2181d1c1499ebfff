/* What the journal hands to the stream thread, and when that is woken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "broker/feed.h"
#include "broker/settled.h"
#include "proto/wire.h"

#define START_US UINT64_C(1795253400000000) /* 2026-11-21T09:30:00Z */

struct fixture {
    struct topics *topics;
    struct batch batch;
    struct feed feed;
};

static void put(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* A batch of one event. */
static void fill(struct batch *batch)
{
    struct text bytes;
    struct event event;
    text_init(&bytes);
    wire_write_map(&bytes, 5);
    put(&bytes, "level", "Info");
    put(&bytes, "category", "StreamEvent");
    put(&bytes, "type", "StreamCreated");
    put(&bytes, "sourceId", "s");
    put(&bytes, "summary", "made");
    assert_true(event_view(text_span(&bytes), &event));
    assert_true(batch_add(batch, &event, START_US, (struct span){NULL, 0}, 0));
    text_fini(&bytes);
}

static int set_up(void **state)
{
    static const uint8_t hash[CHAIN_HASH_LEN];
    static struct fixture fixture;
    fixture = (struct fixture){.topics = topics_new(1000, 1), .feed.ring = ring_new(1 << 16)};
    batch_init(&fixture.batch, fixture.topics, 1, 0, hash);
    atomic_store(&fixture.feed.wants_frames, true);
    *state = &fixture;
    return fixture.topics && fixture.feed.ring ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    batch_fini(&fixture->batch);
    ring_free(&fixture->feed.ring);
    topics_free(&fixture->topics);
    return 0;
}

static bool is_woken(const struct feed *feed)
{
    struct pollfd fd = {.fd = ring_fd(feed->ring), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void nobody_is_woken_for_a_batch_while_nobody_is_served(void **state)
{
    struct fixture *fixture = *state;
    size_t len;
    fill(&fixture->batch);
    assert_true(ring_arm(fixture->feed.ring));
    feed_offer(&fixture->feed, &fixture->batch, 1);
    feed_wake(&fixture->feed);
    assert_false(is_woken(&fixture->feed));
    const struct settled *settled = ring_next(fixture->feed.ring, &len); /* it is there for who looks */
    assert_non_null(settled);
    assert_int_equal(settled->kind, SETTLED_FRAME);
    assert_int_equal(settled->last_seq, 1);
}

static void who_serves_somebody_is_woken_at_once(void **state)
{
    struct fixture *fixture = *state;
    atomic_store(&fixture->feed.is_awaited, true);
    fill(&fixture->batch);
    assert_true(ring_arm(fixture->feed.ring));
    feed_offer(&fixture->feed, &fixture->batch, 1);
    assert_true(is_woken(&fixture->feed));
}

static void what_became_durable_wakes_who_serves_somebody(void **state)
{
    struct fixture *fixture = *state;
    fill(&fixture->batch);
    assert_true(ring_arm(fixture->feed.ring));
    feed_offer(&fixture->feed, &fixture->batch, 1); /* before somebody came */
    atomic_store(&fixture->feed.is_awaited, true);
    assert_false(is_woken(&fixture->feed));
    feed_wake(&fixture->feed);
    assert_true(is_woken(&fixture->feed));
}

static void much_that_nobody_has_looked_at_wakes_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    assert_true(ring_arm(fixture->feed.ring));
    for (uint64_t seq = 1; !is_woken(&fixture->feed); seq++) {
        assert_true(seq < 1000);
        batch_begin(&fixture->batch, true);
        fill(&fixture->batch);
        feed_offer(&fixture->feed, &fixture->batch, seq);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_is_woken_for_a_batch_while_nobody_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_serves_somebody_is_woken_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_became_durable_wakes_who_serves_somebody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(much_that_nobody_has_looked_at_wakes_all_the_same, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
