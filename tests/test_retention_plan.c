/* What retention does next, by age, by size and by room on the disk. */
#include "tests/test_support.h"

#include "broker/retention_plan.h"

#define DAY_US UINT64_C(86400000000)
#define DAY_S  86400u
#define GB     UINT64_C(1000000000)
#define COUNT  5u

static struct retention_item items[COUNT];
static struct retention_view view;
static struct retention_limits limits;

/* Five days of the past, a gigabyte each, and today at noon. */
static int set_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        items[i] =
            (struct retention_item){.ended_us = (100 + i) * DAY_US, .bytes = GB, .is_plain = true, .is_tied = true};
    view = (struct retention_view){.items = items,
                                   .count = COUNT,
                                   .current_bytes = GB / 2,
                                   .disk_bytes = 100 * GB,
                                   .disk_free_bytes = 50 * GB,
                                   .now_us = 104 * DAY_US + DAY_US / 2,
                                   .may_free = true};
    limits =
        (struct retention_limits){.pack_after_s = RETENTION_NEVER, .age_s = RETENTION_NEVER, .bytes = RETENTION_NEVER};
    return 0;
}

static void assert_plan(enum retention_action action, size_t index, enum retention_reason reason)
{
    struct retention_step step = retention_plan(&limits, &view);
    assert_int_equal(step.action, action);
    if (action == RETENTION_NOTHING)
        return;
    assert_int_equal(step.index, index);
    if (action == RETENTION_PRUNE)
        assert_int_equal(step.reason, reason);
}

static void assert_nothing(void)
{
    assert_plan(RETENTION_NOTHING, 0, RETENTION_BY_AGE);
}

static void without_limits_nothing_happens(void **state)
{
    (void)state;
    assert_nothing();
    view.disk_free_bytes = 0;
    assert_nothing();
}

static void the_oldest_that_is_old_enough_is_compressed_first(void **state)
{
    (void)state;
    limits.pack_after_s = 2 * DAY_S;
    assert_plan(RETENTION_PACK, 0, RETENTION_BY_AGE);
    items[0].is_plain = false;
    assert_plan(RETENTION_PACK, 1, RETENTION_BY_AGE);
    items[1].is_barred = true;
    assert_plan(RETENTION_PACK, 2, RETENTION_BY_AGE);
    items[2].is_plain = false;
    assert_nothing();
}

static void the_newest_of_the_past_stays_as_it_is(void **state)
{
    (void)state;
    limits.pack_after_s = 0;
    for (unsigned i = 0; i + 1 < COUNT; i++)
        items[i].is_plain = false;
    assert_nothing();
    limits.age_s = 1;
    limits.bytes = 1;
    limits.free_percent = 90;
    view.items = &items[COUNT - 1];
    view.count = 1;
    assert_nothing();
    view.count = 0;
    assert_nothing();
}

static void what_is_too_old_is_removed_and_not_compressed_before(void **state)
{
    (void)state;
    limits.pack_after_s = 0;
    limits.age_s = 4 * DAY_S;
    assert_plan(RETENTION_PRUNE, 0, RETENTION_BY_AGE);
    limits.age_s = 5 * DAY_S;
    assert_plan(RETENTION_PACK, 0, RETENTION_BY_AGE);
}

static void a_clock_that_went_back_makes_nothing_old(void **state)
{
    (void)state;
    limits.pack_after_s = 0;
    limits.age_s = 3600;
    view.now_us = 99 * DAY_US;
    assert_nothing();
}

static void all_files_together_count_against_the_size(void **state)
{
    (void)state;
    limits.bytes = 5 * GB + GB / 2;
    assert_nothing();
    limits.bytes--;
    assert_plan(RETENTION_PRUNE, 0, RETENTION_BY_SIZE);
    limits.pack_after_s = 4 * DAY_S; /* what can be made smaller first may be enough */
    assert_plan(RETENTION_PACK, 0, RETENTION_BY_AGE);
    items[0].is_barred = true;
    assert_plan(RETENTION_PRUNE, 0, RETENTION_BY_SIZE);
}

static void room_is_made_one_file_at_a_time(void **state)
{
    (void)state;
    limits.free_percent = 50;
    assert_nothing();
    limits.free_percent = 51;
    assert_plan(RETENTION_PRUNE, 0, RETENTION_BY_ROOM);
    view.may_free = false;
    assert_nothing();
    limits.free_percent = 0;
    limits.free_bytes = 50 * GB + 1;
    view.may_free = true;
    assert_plan(RETENTION_PRUNE, 0, RETENTION_BY_ROOM);
    view.disk_bytes = 0; /* the system does not tell */
    assert_nothing();
}

static void what_is_being_read_stays(void **state)
{
    (void)state;
    limits.age_s = 3600;
    limits.bytes = 1;
    limits.free_percent = 90;
    items[0].is_used = true;
    assert_nothing();
}

static void behind_a_file_that_is_missing_nothing_is_removed(void **state)
{
    (void)state;
    limits.age_s = 3600;
    items[0].is_tied = false;
    assert_nothing();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(without_limits_nothing_happens),
        TEST(the_oldest_that_is_old_enough_is_compressed_first),
        TEST(the_newest_of_the_past_stays_as_it_is),
        TEST(what_is_too_old_is_removed_and_not_compressed_before),
        TEST(a_clock_that_went_back_makes_nothing_old),
        TEST(all_files_together_count_against_the_size),
        TEST(room_is_made_one_file_at_a_time),
        TEST(what_is_being_read_stays),
        TEST(behind_a_file_that_is_missing_nothing_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
