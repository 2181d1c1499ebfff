/* Denials are summed up, and told at a bounded rate however many there are. */
#include <stdio.h>

#include "broker/denials.h"
#include "tests/test_support.h"

static struct denials denials;

static int set_up(void **state)
{
    (void)state;
    denials_init(&denials);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    denials_fini(&denials);
    return 0;
}

static void note(const char *reason, const char *address, uint64_t count)
{
    struct denial denial = {.door = "append", .reason = reason, .count = count};
    denial_put(denial.address, sizeof denial.address, span_of_str(address));
    denials_note(&denials, &denial);
}

static void one_and_the_same_is_told_at_once_and_then_once_a_minute_with_its_count(void **state)
{
    (void)state;
    struct denial told;
    uint64_t now_us = 1;
    assert_false(denials_next(&denials, now_us, &told));
    note("unknown key", "10.0.0.1", 1);
    assert_true(denials_next(&denials, now_us, &told));
    assert_int_equal(told.count, 1);
    assert_string_equal(told.address, "10.0.0.1");
    for (int i = 0; i < 1000; i++)
        note("unknown key", "10.0.0.1", 2);
    assert_false(denials_next(&denials, now_us + DENIALS_REPEAT_US - 1, &told));
    assert_true(denials_next(&denials, now_us + DENIALS_REPEAT_US, &told));
    assert_int_equal(told.count, 2000);
    assert_false(denials_next(&denials, now_us + DENIALS_REPEAT_US, &told));
}

static void of_too_many_kinds_the_rest_is_one_kind_and_none_is_forgotten(void **state)
{
    (void)state;
    uint64_t told_count = 0, others = 0;
    struct denial told;
    char address[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 256, i % 256);
        note("unknown key", address, 1);
    }
    unsigned kinds = 0;
    for (; denials_next(&denials, 1, &told); kinds++) {
        told_count += told.count;
        if (strcmp(told.reason, "too many kinds to name") == 0)
            others = told.count;
    }
    assert_int_equal(kinds, DENIALS_MAX);
    assert_int_equal(told_count, 1000);
    assert_int_equal(others, 1000 - (DENIALS_MAX - 1));
}

static void a_kind_that_is_not_seen_any_more_makes_room(void **state)
{
    (void)state;
    struct denial told;
    char address[32];
    for (int i = 0; i < DENIALS_MAX - 1; i++) {
        snprintf(address, sizeof address, "10.0.0.%d", i);
        note("unknown key", address, 1);
    }
    while (denials_next(&denials, 1, &told))
        continue;
    assert_false(denials_next(&denials, 1 + DENIALS_REPEAT_US, &told));
    note("unknown key", "10.9.9.9", 1);
    assert_true(denials_next(&denials, 1 + DENIALS_REPEAT_US, &told));
    assert_string_equal(told.address, "10.9.9.9");
}

static void what_is_too_long_is_cut(void **state)
{
    (void)state;
    struct denial told;
    char address[200];
    memset(address, 'a', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    note("unknown key", address, 1);
    assert_true(denials_next(&denials, 1, &told));
    assert_int_equal(strlen(told.address), DENIALS_ADDRESS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_and_the_same_is_told_at_once_and_then_once_a_minute_with_its_count, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(of_too_many_kinds_the_rest_is_one_kind_and_none_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_kind_that_is_not_seen_any_more_makes_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_cut, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
