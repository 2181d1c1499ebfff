/* Names to numbers, and every producer's last event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/name_map.h"
#include "broker/producers.h"
#include "tests/seeded.h"

#define NAMES 3000

/* Added, removed and looked up at random beside a plain table. */
static void a_name_map_agrees_with_a_plain_table(void **state)
{
    (void)state;
    static bool is_there[NAMES];
    struct name_map *map = name_map_new(1);
    size_t count = 0;
    for (size_t i = 0; i < 200000; i++) {
        uint32_t number = (uint32_t)(random_bits() % NAMES);
        char name[32];
        int len = snprintf(name, sizeof name, "producer-%u", number);
        struct span span = span_of(name, (size_t)len);
        uint32_t found = NAMES;
        assert_int_equal(name_map_find(map, span, &found), is_there[number]);
        if (is_there[number])
            assert_int_equal(found, number);
        if (is_there[number])
            name_map_remove(map, span);
        else
            assert_true(name_map_add(map, span, number));
        is_there[number] = !is_there[number];
        count += is_there[number] ? 1 : (size_t)-1;
        assert_int_equal(name_map_count(map), count);
    }
    name_map_free(&map);
    assert_null(map);
}

static void any_bytes_are_a_name(void **state)
{
    (void)state;
    struct name_map *map = name_map_new(1);
    uint32_t number;
    assert_true(name_map_add(map, span_of("", 0), 1));
    assert_true(name_map_add(map, span_of("\0", 1), 2));
    assert_true(name_map_add(map, span_of("\0\0", 2), 3));
    assert_true(name_map_find(map, span_of("\0", 1), &number));
    assert_int_equal(number, 2);
    name_map_remove(map, span_of("", 0));
    assert_false(name_map_find(map, span_of("", 0), &number));
    name_map_free(&map);
}

static struct producer_last last_of(uint64_t n)
{
    struct producer_last last = {.n = n, .seq = 10 * n};
    memset(last.hash, (int)n, sizeof last.hash);
    return last;
}

static void note(struct producers *producers, size_t number, uint64_t n)
{
    char name[32];
    int len = snprintf(name, sizeof name, "producer-%zu", number);
    struct producer_last last = last_of(n);
    assert_true(producers_advance(producers, span_of(name, (size_t)len), &last));
}

static void the_latest_event_of_each_producer_is_known(void **state)
{
    (void)state;
    struct producers *producers = producers_new(100, 1);
    for (size_t i = 0; i < 300; i++)
        note(producers, i % 100, i);
    assert_int_equal(producers_count(producers), 100);
    struct producer_last last;
    assert_true(producers_find(producers, span_of_str("producer-42"), &last));
    struct producer_last expected = last_of(242);
    assert_memory_equal(&last, &expected, sizeof last);
    assert_false(producers_find(producers, span_of_str("producer-100"), &last));
    size_t at = 0;
    size_t count = 0;
    struct span name;
    while (producers_next(producers, &at, &name, &last)) {
        assert_in_range(last.n, 200, 299);
        count++;
    }
    assert_int_equal(count, 100);
    producers_clear(producers);
    assert_int_equal(producers_count(producers), 0);
    assert_false(producers_find(producers, span_of_str("producer-42"), &last));
    producers_free(&producers);
}

static void beyond_the_limit_an_old_producer_is_forgotten(void **state)
{
    (void)state;
    struct producers *producers = producers_new(100, 1);
    for (size_t i = 0; i < 1000; i++)
        note(producers, i, i);
    assert_int_equal(producers_count(producers), 100);
    struct producer_last last;
    size_t young = 0;
    for (size_t i = 900; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "producer-%zu", i);
        young += producers_find(producers, span_of_str(name), &last);
    }
    assert_in_range(young, 80, 100); /* about the oldest goes, of a few looked at */
    assert_true(producers_find(producers, span_of_str("producer-999"), &last));
    producers_free(&producers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_map_agrees_with_a_plain_table),
        cmocka_unit_test(any_bytes_are_a_name),
        cmocka_unit_test(the_latest_event_of_each_producer_is_known),
        cmocka_unit_test(beyond_the_limit_an_old_producer_is_forgotten),
    };
    return cmocka_run_group_tests(tests, seed, NULL);
}
