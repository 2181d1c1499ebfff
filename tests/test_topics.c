/* The last seq of every topic: against a plain list, at its limit, and under names that someone chose to hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "broker/topics.h"
#include "proto/tocsin_base.h"
#include "tests/seeded.h"

#define NAMES 3000u

static struct span name_of(char out[TOCSIN_TOPIC_MAX], unsigned number)
{
    /* of all lengths from 6 to 199 */
    int len = snprintf(out, TOCSIN_TOPIC_MAX, "A/%04u", number);
    unsigned wanted = 6 + number * 37 % 194;
    memset(out + len, 'x', wanted - (unsigned)len);
    return span_of(out, wanted);
}

static void the_seq_before_comes_back(void **state)
{
    struct topics *topics = topics_new(10, 1);
    (void)state;

    assert_int_equal(topics_last(topics, span_of_str("a/b")), 0);
    assert_int_equal(topics_advance(topics, span_of_str("a/b"), 5), 0);
    assert_int_equal(topics_advance(topics, span_of_str("a/bc"), 6), 0);
    assert_int_equal(topics_advance(topics, span_of_str("a/b"), 9), 5);
    assert_int_equal(topics_last(topics, span_of_str("a/b")), 9);
    assert_int_equal(topics_last(topics, span_of_str("a/bc")), 6);
    assert_int_equal(topics_last(topics, span_of_str("a/")), 0);
    assert_int_equal(topics_count(topics), 2);
    assert_int_equal(topics_evicted(topics), 0);
    topics_free(&topics);
    assert_null(topics);
}

static void names_that_are_no_topics_are_not_stored(void **state)
{
    char name[TOCSIN_TOPIC_MAX] = {0};
    struct topics *topics = topics_new(10, 1);
    (void)state;

    memset(name, 'n', sizeof name);
    assert_int_equal(topics_advance(topics, span_of(name, TOCSIN_TOPIC_MAX), 1), 0);
    assert_int_equal(topics_advance(topics, span_of(name, 0), 1), 0);
    assert_int_equal(topics_count(topics), 0);
    assert_int_equal(topics_advance(topics, span_of(name, TOCSIN_TOPIC_MAX - 1), 1), 0);
    assert_int_equal(topics_last(topics, span_of(name, TOCSIN_TOPIC_MAX - 1)), 1);
    topics_free(&topics);
    assert_null(topics_new(0, 1));
    assert_null(topics_new(SIZE_MAX, 1));
}

static void random_advances_agree_with_a_plain_list(void **state)
{
    static uint64_t expected[NAMES];
    char name[TOCSIN_TOPIC_MAX];
    struct topics *topics = topics_new(NAMES, random_bits());
    size_t count = 0;
    (void)state;

    for (uint64_t seq = 1; seq <= 100000; seq++) {
        unsigned number = (unsigned)(random_bits() % NAMES);
        assert_int_equal(topics_advance(topics, name_of(name, number), seq), expected[number]);
        count += expected[number] == 0;
        expected[number] = seq;
    }
    assert_int_equal(topics_count(topics), count);
    assert_int_equal(topics_evicted(topics), 0);
    for (unsigned number = 0; number < NAMES; number++)
        assert_int_equal(topics_last(topics, name_of(name, number)), expected[number]);
    topics_free(&topics);
}

static void a_walk_meets_every_topic_once(void **state)
{
    bool seen[100] = {false};
    struct span topic;
    uint64_t seq;
    char name[TOCSIN_TOPIC_MAX];
    struct topics *topics = topics_new(100, 1);
    (void)state;

    for (unsigned number = 0; number < 100; number++)
        topics_advance(topics, name_of(name, number), number + 1);
    for (size_t at = 0; topics_next(topics, &at, &topic, &seq);) {
        assert_true(span_equals(topic, name_of(name, (unsigned)seq - 1)));
        assert_false(seen[seq - 1]);
        seen[seq - 1] = true;
    }
    for (unsigned number = 0; number < 100; number++)
        assert_true(seen[number]);
    topics_free(&topics);
}

/* What is remembered is right, whatever was forgotten; and those that are busy are remembered. */
static void at_the_limit_the_quiet_are_forgotten_first(void **state)
{
    enum { MAX = 200, BUSY = 50 };
    static uint64_t last[NAMES];
    char name[TOCSIN_TOPIC_MAX];
    struct topics *topics = topics_new(MAX, 3);
    uint64_t seq = 0;
    unsigned busy_forgotten = 0;
    (void)state;

    memset(last, 0, sizeof last);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned number = round % 2 == 0 ? round / 2 % BUSY : BUSY + (unsigned)(random_bits() % (NAMES - BUSY));
        uint64_t before = topics_advance(topics, name_of(name, number), ++seq);
        assert_true(before == 0 || before == last[number]);
        busy_forgotten += round >= 2 * BUSY && number < BUSY && before == 0;
        last[number] = seq;
        assert_true(topics_count(topics) <= MAX);
    }
    assert_int_equal(topics_count(topics), MAX);
    assert_true(topics_evicted(topics) > 1000);
    assert_true(busy_forgotten < 20); /* of 9950 */
    topics_free(&topics);
}

static void one_place_is_enough(void **state)
{
    char name[TOCSIN_TOPIC_MAX];
    struct topics *topics = topics_new(1, 3);
    (void)state;

    for (unsigned i = 1; i < 1000; i++) {
        assert_int_equal(topics_advance(topics, name_of(name, i), i), 0);
        assert_int_equal(topics_advance(topics, name_of(name, i), i), i);
        assert_int_equal(topics_count(topics), 1);
    }
    assert_int_equal(topics_evicted(topics), 998);
    topics_free(&topics);
}

static void after_clearing_nothing_is_known_and_all_works(void **state)
{
    char name[TOCSIN_TOPIC_MAX];
    struct topics *topics = topics_new(500, 3);
    (void)state;

    topics_clear(topics);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 500; i++)
            assert_int_equal(topics_advance(topics, name_of(name, i), i + 1), 0);
        topics_clear(topics);
        assert_int_equal(topics_count(topics), 0);
        assert_int_equal(topics_last(topics, name_of(name, 1)), 0);
    }
    topics_free(&topics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seq_before_comes_back),
        cmocka_unit_test(names_that_are_no_topics_are_not_stored),
        cmocka_unit_test(random_advances_agree_with_a_plain_list),
        cmocka_unit_test(a_walk_meets_every_topic_once),
        cmocka_unit_test(at_the_limit_the_quiet_are_forgotten_first),
        cmocka_unit_test(one_place_is_enough),
        cmocka_unit_test(after_clearing_nothing_is_known_and_all_works),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
