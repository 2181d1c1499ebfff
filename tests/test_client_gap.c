/* What was lost: the rules one by one, and a broker played with random losses against what the tracker says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/gap.h"
#include "client/topic_table.h"

static const struct span cam = {(const uint8_t *)"S/cam", 5};
static const struct span dog = {(const uint8_t *)"S/dog", 5};

static struct gap_tracker *tracker_at(bool is_everything, uint64_t head)
{
    struct gap_tracker *tracker = gap_tracker_new(is_everything, 1000);
    assert_non_null(tracker);
    gap_begin(tracker, head);
    return tracker;
}

static void assert_gap(const struct gap *gap, uint64_t first, uint64_t last, uint64_t at_least)
{
    assert_int_equal(gap->first, first);
    assert_int_equal(gap->last, last);
    assert_int_equal(gap->at_least, at_least);
}

static void with_everything_each_missing_seq_is_counted(void **state)
{
    (void)state;
    struct gap gap;
    struct gap_tracker *tracker = tracker_at(true, 10);
    assert_int_equal(gap_on_record(tracker, cam, 11, 3, &gap), GAP_NONE);
    assert_int_equal(gap_on_record(tracker, dog, 15, 2, &gap), GAP_LOST);
    assert_gap(&gap, 12, 14, 3);
    assert_int_equal(gap_on_head(tracker, 15, &gap), GAP_NONE);
    assert_int_equal(gap_on_head(tracker, 17, &gap), GAP_LOST);
    assert_gap(&gap, 16, 17, 2);
    assert_int_equal(gap_on_record(tracker, cam, 18, 11, &gap), GAP_NONE);
    gap_tracker_free(&tracker);
}

static void with_filters_a_jump_of_seq_is_no_loss(void **state)
{
    (void)state;
    struct gap gap;
    struct gap_tracker *tracker = tracker_at(false, 10);
    assert_int_equal(gap_on_record(tracker, cam, 50, 7, &gap), GAP_NONE);
    assert_int_equal(gap_on_record(tracker, cam, 90, 50, &gap), GAP_NONE);
    assert_int_equal(gap_on_head(tracker, 500, &gap), GAP_NONE);
    assert_int_equal(gap_on_record(tracker, cam, 501, 90, &gap), GAP_NONE);
    gap_tracker_free(&tracker);
}

static void with_filters_a_broken_chain_is_a_loss(void **state)
{
    (void)state;
    struct gap gap;
    struct gap_tracker *tracker = tracker_at(false, 10);
    gap_on_record(tracker, cam, 20, 9, &gap);
    assert_int_equal(gap_on_record(tracker, cam, 40, 30, &gap), GAP_LOST);
    assert_gap(&gap, 21, 30, 1);
    assert_int_equal(gap_on_record(tracker, dog, 41, 33, &gap),
                     GAP_LOST); /* first seen, but lost since the beginning */
    assert_gap(&gap, 11, 33, 1);
    assert_int_equal(gap_on_record(tracker, cam, 42, 40, &gap), GAP_NONE);
    assert_int_equal(gap_on_record(tracker, cam, 43, 0, &gap), GAP_NONE); /* the broker no longer knows */
    gap_tracker_free(&tracker);
}

static void a_log_that_went_back_begins_anew(void **state)
{
    (void)state;
    struct gap gap;
    for (int is_everything = 0; is_everything < 2; is_everything++) {
        struct gap_tracker *tracker = tracker_at(is_everything, 100);
        assert_int_equal(gap_on_head(tracker, 99, &gap), GAP_WENT_BACK);
        assert_int_equal(gap_on_record(tracker, cam, 100, 99, &gap), GAP_NONE);
        assert_int_equal(gap_on_record(tracker, cam, 50, 49, &gap), GAP_WENT_BACK);
        assert_int_equal(gap_on_record(tracker, cam, 51, 50, &gap), GAP_NONE);
        gap_tracker_free(&tracker);
    }
}

static void forgotten_topics_raise_no_false_alarm(void **state)
{
    (void)state;
    struct gap gap;
    struct gap_tracker *tracker = gap_tracker_new(false, 8);
    gap_begin(tracker, 0);
    char names[64][16];
    uint64_t last[64] = {0}, seq = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 64; i++) {
            int len = snprintf(names[i], sizeof names[i], "S/%d", i);
            assert_int_equal(gap_on_record(tracker, span_of(names[i], (size_t)len), ++seq, last[i], &gap), GAP_NONE);
            last[i] = seq;
        }
    }
    /* And a loss behind all that was forgotten is told still. */
    assert_int_equal(gap_on_record(tracker, span_of("S/new", 5), seq + 10, seq + 5, &gap), GAP_LOST);
    gap_tracker_free(&tracker);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A broker with 20 topics loses records in bursts. Whatever the tracker tells must be true, and every lost record of a
 * topic is told when the topic's next record comes. */
static void against_random_losses_what_is_told_is_true_and_complete(void **state)
{
    (void)state;
    enum { TOPICS = 20, RECORDS = 200000 };
    uint64_t seed = 0x70c51d;
    struct gap_tracker *filtered = tracker_at(false, 0), *all = tracker_at(true, 0);
    uint64_t chain[TOPICS] = {0}, lost_since[TOPICS] = {0}, lost_pending = 0, told_all = 0, lost_all = 0;
    bool is_losing = false;
    for (uint64_t seq = 1; seq <= RECORDS; seq++) {
        unsigned topic = (unsigned)(next_random(&seed) % TOPICS);
        if (next_random(&seed) % 50 == 0)
            is_losing = !is_losing && next_random(&seed) % 4 == 0;
        uint64_t prev = chain[topic];
        chain[topic] = seq;
        if (is_losing) {
            lost_since[topic]++;
            lost_pending++;
            lost_all++;
            continue;
        }
        char name[16];
        int len = snprintf(name, sizeof name, "S/%u", topic);
        struct gap gap;
        enum gap_verdict verdict = gap_on_record(filtered, span_of(name, (size_t)len), seq, prev, &gap);
        assert_int_equal(verdict, lost_since[topic] > 0 ? GAP_LOST : GAP_NONE);
        if (verdict == GAP_LOST) {
            assert_true(gap.at_least <= lost_since[topic]);
            assert_true(lost_since[topic] <= gap.last - gap.first + 1);
        }
        lost_since[topic] = 0;
        verdict = gap_on_record(all, span_of(name, (size_t)len), seq, prev, &gap);
        assert_int_equal(verdict, lost_pending > 0 ? GAP_LOST : GAP_NONE);
        if (verdict == GAP_LOST) {
            assert_int_equal(gap.at_least, lost_pending);
            assert_int_equal(gap.last - gap.first + 1, lost_pending);
            told_all += gap.at_least;
        }
        lost_pending = 0;
    }
    assert_true(lost_all > 1000);
    assert_int_equal(told_all + lost_pending, lost_all);
    gap_tracker_free(&filtered);
    gap_tracker_free(&all);
}

static void the_table_remembers_at_least_half_its_limit(void **state)
{
    (void)state;
    struct topic_table *table = topic_table_new(100);
    char name[16];
    uint64_t last;
    for (unsigned i = 0; i < 1020; i++) {
        int len = snprintf(name, sizeof name, "S/%u", i);
        assert_false(topic_table_exchange(table, span_of(name, (size_t)len), i + 1, &last));
    }
    for (unsigned i = 970; i < 1020; i++) {
        int len = snprintf(name, sizeof name, "S/%u", i);
        assert_true(topic_table_exchange(table, span_of(name, (size_t)len), 2000 + i, &last));
        assert_int_equal(last, i + 1);
    }
    assert_int_equal(topic_table_forgotten(table), 950);
    topic_table_clear(table);
    assert_int_equal(topic_table_forgotten(table), 0);
    assert_false(topic_table_exchange(table, cam, 1, &last));
    topic_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_everything_each_missing_seq_is_counted),
        cmocka_unit_test(with_filters_a_jump_of_seq_is_no_loss),
        cmocka_unit_test(with_filters_a_broken_chain_is_a_loss),
        cmocka_unit_test(a_log_that_went_back_begins_anew),
        cmocka_unit_test(forgotten_topics_raise_no_false_alarm),
        cmocka_unit_test(against_random_losses_what_is_told_is_true_and_complete),
        cmocka_unit_test(the_table_remembers_at_least_half_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
