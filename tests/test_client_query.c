/* The pure parts of query and replay: names of the log's files, groups, the last ones, the pace. */
#include "tests/test_support.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/log_files.h"
#include "client/query_groups.h"
#include "client/query_last.h"
#include "client/replay_pace.h"

static void only_the_files_of_a_log_are_its_files(void **state)
{
    (void)state;
    static const char *const good[] = {"events.log",
                                       "events.log.20261121",
                                       "events.log.20261121.1",
                                       "events.log.20261121.123456789",
                                       "events.log.20261121.zst",
                                       "events.log.20261121.1.zst"};
    static const char *const bad[] = {"",
                                      "events",
                                      "events.log.",
                                      "events.log.sig",
                                      "events.log.torn.5",
                                      "events.log.2026112",
                                      "events.log.202611211",
                                      "events.log.20261121.",
                                      "events.log.20261121.0",
                                      "events.log.20261121.1x",
                                      "events.log.20261121.1234567890",
                                      "events.log.zst",
                                      "events.log.20261121.zst.tmp",
                                      "events.log.20261121.gz",
                                      "events.log.20261121..zst",
                                      "events.log2"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(log_names_is_log(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(log_names_is_log(bad[i]));
}

static void files_stand_in_the_order_in_which_they_were_written(void **state)
{
    (void)state;
    static const char *const names[] = {
        "events.log.20251231",   "events.log.20261121",    "events.log.20261121.zst", "events.log.20261121.1",
        "events.log.20261121.9", "events.log.20261121.10", "events.log.20261122",     "events.log"};
    size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = log_names_compare(names[i], names[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void every_value_is_counted_and_the_most_come_first(void **state)
{
    (void)state;
    struct query_groups *groups = query_groups_new(7);
    char value[32];
    assert_non_null(groups);
    for (unsigned i = 0; i < 3000; i++) {
        for (unsigned j = 0; j <= i % 5; j++) {
            int len = snprintf(value, sizeof value, "value %04u", i);
            assert_int_equal(query_groups_add(groups, span_of(value, (size_t)len)), TOCSIN_OK);
        }
    }
    assert_int_equal(query_groups_add(groups, span_of("", 0)), TOCSIN_OK);
    query_groups_sort(groups);
    struct span before = {NULL, 0}, now;
    uint64_t count_before = UINT64_MAX, count, total = 0, seen = 0;
    for (; query_groups_at(groups, seen, &now, &count); seen++) {
        assert_true(count <= count_before);
        if (count == count_before && before.len == now.len)
            assert_true(memcmp(before.data, now.data, now.len) < 0);
        total += count;
        before = now;
        count_before = count;
    }
    assert_int_equal(seen, 3001);
    assert_int_equal(total, 3000 / 5 * (1 + 2 + 3 + 4 + 5) + 1);
    query_groups_free(&groups);
}

static void put_number(struct query_last *last, unsigned number)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%u", number);
    assert_int_equal(query_last_put(last, span_of(text, (size_t)len)), TOCSIN_OK);
}

static void the_last_ones_are_kept_in_order(void **state)
{
    (void)state;
    static const size_t limits[] = {0, 1, 2, 63, 64, 65, 100, 1000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        for (unsigned count = 0; count <= 300; count += 25) {
            struct query_last last;
            query_last_init(&last, limits[i]);
            for (unsigned number = 0; number < count; number++)
                put_number(&last, number);
            size_t kept = limits[i] == 0 || limits[i] > count ? count : limits[i];
            assert_int_equal(query_last_count(&last), kept);
            for (size_t at = 0; at < kept; at++) {
                char expected[16];
                snprintf(expected, sizeof expected, "%zu", count - kept + at);
                assert_true(span_is(query_last_at(&last, at), expected));
            }
            query_last_fini(&last);
        }
    }
}

static void more_than_fits_is_told(void **state)
{
    (void)state;
    struct query_last last;
    size_t len = (size_t)1 << 20;
    char *text = calloc(1, len);
    int error = TOCSIN_OK;
    unsigned count = 0;
    assert_non_null(text);
    query_last_init(&last, 0);
    while (!error && count < 1000) {
        error = query_last_put(&last, span_of(text, len));
        count++;
    }
    assert_int_equal(error, TOCSIN_E_FULL);
    assert_int_equal(count, QUERY_LAST_BYTES_MAX / len + 1);
    query_last_fini(&last);
    free(text);
}

static void a_speed_is_a_number_or_max(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "x", "0", "-1", "1y", "nan", "inf", "1e300", "1 x", "maximum"};
    double speed;
    assert_true(replay_pace_read("max", &speed) && speed <= 0);
    assert_true(replay_pace_read("10x", &speed) && speed > 9.9 && speed < 10.1);
    assert_true(replay_pace_read("0.5", &speed) && speed > 0.4 && speed < 0.6);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(replay_pace_read(bad[i], &speed));
}

static void events_are_as_far_apart_as_the_speed_says(void **state)
{
    (void)state;
    struct replay_pace pace = {.speed = 2};
    assert_int_equal(replay_pace_due_us(&pace, 1000000, 50), 50);
    assert_int_equal(replay_pace_due_us(&pace, 3000000, 60), 1000050);
    assert_int_equal(replay_pace_due_us(&pace, 1000000, 70), 70);
    assert_true(replay_pace_due_us(&pace, UINT64_MAX, 70) > 0);
    struct replay_pace fast = {.speed = 0};
    assert_int_equal(replay_pace_due_us(&fast, 1, 5), 5);
    assert_int_equal(replay_pace_due_us(&fast, 1000000000, 6), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_files_of_a_log_are_its_files),
        cmocka_unit_test(files_stand_in_the_order_in_which_they_were_written),
        cmocka_unit_test(every_value_is_counted_and_the_most_come_first),
        cmocka_unit_test(the_last_ones_are_kept_in_order),
        cmocka_unit_test(more_than_fits_is_told),
        cmocka_unit_test(a_speed_is_a_number_or_max),
        cmocka_unit_test(events_are_as_far_apart_as_the_speed_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
