/* Room that is kept for a disk that is full. */
#include <errno.h>

#include "broker/retention_reserve.h"
#include "tests/retention_support.h"

#define FIRST   "events.log.20261121"
#define RESERVE "tocsind.reserve"
#define LEN     200000u

static struct disk_space space;
static unsigned told_count;
static bool had_reserve; /* when it was told */

static int give_space(const struct disk *self, int fd, struct disk_space *out)
{
    (void)self, (void)fd;
    *out = space;
    return 0;
}

static bool tell(void *arg, const struct pruned *pruned)
{
    (void)arg, (void)pruned;
    told_count++;
    had_reserve = log_dir_has(&dir, RESERVE);
    return true;
}

static int set_up(void **state)
{
    make_log(state);
    begin_work(tell);
    disk.disk.space = give_space;
    space = (struct disk_space){100 * LEN, 50 * LEN};
    told_count = 0;
    work.limits.free_bytes = LEN;
    work.reserve_max = LEN;
    return 0;
}

static uint64_t reserve_len(void)
{
    struct disk_stat stat;
    return disk_real.stat_name(&disk_real, work.dir, RESERVE, &stat) < 0 ? 0 : stat.len;
}

static void it_is_kept_where_something_may_be_removed(void **state)
{
    (void)state;
    work_on();
    assert_int_equal(reserve_len(), LEN);
    log_dir_write(&dir, RESERVE, "x", 1);
    work.has_reserve = false;
    work_on();
    assert_int_equal(reserve_len(), LEN);
}

static void it_is_none_where_nothing_is_ever_removed(void **state)
{
    (void)state;
    work.limits.free_bytes = 0;
    work_on();
    assert_int_equal(reserve_len(), 0);
    log_dir_write(&dir, RESERVE, "x", 1); /* of another life */
    retention_reserve_begin(&work);
    assert_int_equal(reserve_len(), 0);
}

static void it_is_a_small_share_of_a_small_disk(void **state)
{
    (void)state;
    space = (struct disk_space){64 * 3000, 6000};
    work.limits.free_bytes = 1;
    work_on();
    assert_int_equal(reserve_len(), 3000);
}

static void it_is_not_made_where_there_is_little_room(void **state)
{
    (void)state;
    work.limits.free_bytes = 1;
    space.free_bytes = 2 * LEN - 1;
    work_on();
    assert_int_equal(reserve_len(), 0);
    space.free_bytes = 2 * LEN;
    work_on();
    assert_int_equal(reserve_len(), LEN);
}

static void it_is_given_up_before_a_removal_is_told_and_made_again_when_there_is_room(void **state)
{
    (void)state;
    work_on();
    space.free_bytes = 0;
    work_on();
    assert_int_equal(told_count, 1);
    assert_false(had_reserve);
    assert_int_equal(log_dir_count(&dir, FIRST), 0);
    assert_int_equal(reserve_len(), 0);
    space.free_bytes = 10 * LEN;
    work_on();
    assert_int_equal(reserve_len(), LEN);
}

static void a_start_on_a_full_disk_gives_it_up(void **state)
{
    (void)state;
    work_on();
    retention_reserve_begin(&work);
    assert_int_equal(reserve_len(), LEN);
    space.free_bytes = LEN - 1;
    retention_reserve_begin(&work);
    assert_int_equal(reserve_len(), 0);
}

static void what_was_only_begun_is_removed_and_is_no_failure(void **state)
{
    (void)state;
    bool has_failed = true;
    for (unsigned at = 1; has_failed; at++) {
        retention_reserve_give_up(&work);
        plan = (struct disk_fault_plan){
            .kinds = DISK_STEP_CREATE | DISK_STEP_WRITE, .at = at, .times = 1, .error = ENOSPC, .is_half_done = true};
        retention_reserve_keep(&work);
        has_failed = plan.has_failed;
        assert_int_equal(reserve_len(), has_failed ? 0 : LEN);
        assert_int_equal(work.has_reserve, !has_failed);
    }
    assert_int_equal(stats_get(&stats.retention_failures), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_kept_where_something_may_be_removed),
        TEST(it_is_none_where_nothing_is_ever_removed),
        TEST(it_is_a_small_share_of_a_small_disk),
        TEST(it_is_not_made_where_there_is_little_room),
        TEST(it_is_given_up_before_a_removal_is_told_and_made_again_when_there_is_room),
        TEST(a_start_on_a_full_disk_gives_it_up),
        TEST(what_was_only_begun_is_removed_and_is_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
