/* The indexes beside the log's files, as retention keeps them. */
#include <errno.h>
#include <stdio.h>

#include "broker/log_index.h"
#include "broker/retention_index.h"
#include "tests/retention_support.h"

#define FIRST        "events.log.20261121"
#define FIRST_INDEX  "tocsind.index.20261121"
#define SECOND_INDEX "tocsind.index.20261122"

static bool tell(void *arg, const struct pruned *pruned)
{
    (void)arg, (void)pruned;
    return true;
}

static void begin(void)
{
    begin_work(tell);
    work.index_stride = 8192;
    work.index_places_max = 9; /* so that each takes several steps */
    stats_set(&stats.durable_seq, head());
}

static int set_up(void **state)
{
    make_log(state);
    begin();
    return 0;
}

/* Where the reader's news goes in the broker. */
static void tell_bad_indexes(void)
{
    uint64_t file_seq, count = log_reader_bad_indexes(reader, &file_seq);
    stats_set(&stats.stream_bad_index_seq, file_seq);
    stats_set(&stats.stream_bad_indexes, count);
}

static uint64_t count_bad(void)
{
    uint64_t file_seq, before = log_reader_bad_indexes(reader, &file_seq);
    for (uint64_t seq = 1; seq <= head(); seq += 17)
        assert_next_is(seq);
    return log_reader_bad_indexes(reader, &file_seq) - before;
}

static void those_that_are_missing_are_made(void **state)
{
    (void)state;
    work_on();
    assert_int_equal(log_dir_count(&dir, "tocsind.index"), 3);
    assert_int_equal(count_bad(), 0);
    log_dir_remove(&dir, FIRST_INDEX);
    end_work();
    begin();
    work_on();
    assert_true(log_dir_has(&dir, FIRST_INDEX));
}

static void a_file_that_is_rolled_takes_its_own_with_it(void **state)
{
    (void)state;
    struct text before, after;
    work_on();
    log_dir_read(&dir, "tocsind.index", &before);
    roll();
    log_builder_follow(&builder, log_file_tail(log_file));
    log_builder_commit(&builder, log_file, 500);
    stats_set(&stats.durable_seq, head());
    plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY};
    work_on();
    assert_non_null(strchr(plan.trace, 'P'));
    log_dir_read(&dir, "tocsind.index.20261123", &after);
    assert_true(after.len >= before.len);
    assert_memory_equal(after.data, before.data, before.len);
    assert_true(log_dir_has(&dir, "tocsind.index"));
    assert_int_equal(count_bad(), 0);
    text_fini(&before);
    text_fini(&after);
}

static void one_that_is_wrong_is_made_anew(void **state)
{
    (void)state;
    static const char *const names[] = {FIRST_INDEX, "tocsind.index"};
    struct text good, made;
    work_on();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        log_dir_read(&dir, names[i], &good);
        for (size_t at = LOG_INDEX_HEAD_LEN; at < good.len; at += LOG_INDEX_ENTRY_LEN)
            good.data[at] ^= 1;
        log_dir_write(&dir, names[i], good.data, good.len);
        assert_true(count_bad() > 0);
        tell_bad_indexes();
        work_on();
        log_dir_read(&dir, names[i], &made);
        assert_int_equal(made.len, good.len);
        for (size_t at = LOG_INDEX_HEAD_LEN; at < good.len; at += LOG_INDEX_ENTRY_LEN)
            good.data[at] ^= 1;
        assert_memory_equal(made.data, good.data, good.len);
        assert_int_equal(count_bad(), 0);
        text_fini(&good);
        text_fini(&made);
    }
}

static void it_goes_with_its_file_and_stays_when_that_is_compressed(void **state)
{
    (void)state;
    work_on();
    work.limits.pack_after_s = 0;
    work_on();
    assert_true(log_dir_has(&dir, FIRST ".zst"));
    assert_false(log_dir_has(&dir, FIRST));
    assert_true(log_dir_has(&dir, FIRST_INDEX));
    assert_int_equal(count_bad(), 0);
    work.limits.bytes = 1;
    work_on();
    assert_int_equal(log_dir_count(&dir, FIRST), 0);
    assert_false(log_dir_has(&dir, FIRST_INDEX));
    assert_true(log_dir_has(&dir, SECOND_INDEX));
}

static void those_whose_file_has_gone_are_removed_and_nothing_else(void **state)
{
    (void)state;
    static const char *const others[] = {"tocsind.index.zst", "tocsind.index.2026112", "tocsind.indexes",
                                         "tocsind.index.20261120.x", "tocsind.state.20261120"};
    char name[LOG_NAME_MAX];
    for (unsigned i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "tocsind.index.20250101.%u", i + 1);
        log_dir_write(&dir, name, "x", 1);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        log_dir_write(&dir, others[i], "x", 1);
    work.limits.pack_after_s = 0;
    work_on();
    assert_int_equal(log_dir_count(&dir, "tocsind.index.20250101"), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(log_dir_has(&dir, others[i]));
    assert_true(log_dir_has(&dir, FIRST_INDEX));
}

static void that_none_can_be_made_is_no_failure_of_retention(void **state)
{
    (void)state;
    plan = (struct disk_fault_plan){.kinds = DISK_STEP_CREATE, .at = 1, .times = 1000, .error = EROFS};
    work_on();
    assert_int_equal(log_dir_count(&dir, "tocsind.index"), 0);
    assert_int_equal(stats_get(&stats.index_failures), 3);
    assert_int_equal(stats_get(&stats.retention_failing), 0);
    assert_int_equal(stats_get(&stats.retention_failures), 0);
    assert_int_equal(count_bad(), 0);
    plan = (struct disk_fault_plan){0};
    work_on();
    assert_int_equal(log_dir_count(&dir, "tocsind.index"), 3);
}

static void an_index_that_cannot_be_removed_keeps_no_file(void **state)
{
    (void)state;
    work_on();
    work.limits.bytes = 1;
    plan =
        (struct disk_fault_plan){.kinds = DISK_STEP_UNLINK, .at = 2, .times = 1, .error = EIO}; /* behind the reserve */
    work_on();
    assert_int_equal(log_dir_count(&dir, FIRST), 0);
    assert_true(log_dir_has(&dir, FIRST_INDEX));
    end_work();
    begin();
    work_on();
    assert_false(log_dir_has(&dir, FIRST_INDEX));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(those_that_are_missing_are_made),
        TEST(a_file_that_is_rolled_takes_its_own_with_it),
        TEST(one_that_is_wrong_is_made_anew),
        TEST(it_goes_with_its_file_and_stays_when_that_is_compressed),
        TEST(those_whose_file_has_gone_are_removed_and_nothing_else),
        TEST(that_none_can_be_made_is_no_failure_of_retention),
        TEST(an_index_that_cannot_be_removed_keeps_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
