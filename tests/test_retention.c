/* Compressing and removing files of a real log on a real disk: it is read as before, whatever step fails. */
#include <errno.h>

#include "tests/retention_support.h"

#define FIRST  "events.log.20261121"
#define SECOND "events.log.20261122"

static struct pruned told;
static unsigned told_count;
static bool may_tell;

static bool tell(void *arg, const struct pruned *pruned)
{
    (void)arg;
    told = *pruned;
    told_count += may_tell;
    return may_tell;
}

static void begin(void)
{
    told_count = 0;
    may_tell = true;
    begin_work(tell);
}

static enum retention_outcome step(void)
{
    static uint64_t now_us = 1;
    now_us += UINT64_C(3600000000);
    return retention_work_step(&work, builder.received_us, now_us);
}

/* The indexes are there: what is done then is what the limits want. */
static int set_up(void **state)
{
    make_log(state);
    begin();
    while (step() == RETENTION_DONE)
        ;
    return 0;
}

static void assert_all_is_read(void)
{
    struct log_cursor cursor = {.next_seq = 1};
    log_reader_rest(reader);
    assert_int_equal(read_through(&cursor, head()), head());
}

static void pack_first(void)
{
    work.limits.pack_after_s = 0;
    assert_int_equal(step(), RETENTION_DONE);
    assert_false(log_dir_has(&dir, FIRST));
    assert_true(log_dir_has(&dir, FIRST ".zst"));
}

static void a_compressed_file_is_read_as_before(void **state)
{
    (void)state;
    pack_first();
    assert_int_equal(step(), RETENTION_IDLE); /* the one before today's stays */
    assert_true(log_dir_has(&dir, SECOND));
    assert_all_is_read();
    for (uint64_t seq = 1; seq <= head(); seq += 7)
        assert_next_is(seq);
    uint64_t seq;
    assert_int_equal(log_reader_at_time(reader, LOG_BUILDER_START_US + 5000001, &seq), 0);
    assert_int_equal(seq, 501);
    assert_int_equal(log_reader_first(reader, &seq), 0);
    assert_int_equal(seq, 1);
}

static void a_cursor_goes_on_where_the_file_is_compressed_under_it(void **state)
{
    (void)state;
    struct log_cursor cursor = {.next_seq = 1};
    assert_int_equal(read_through(&cursor, 400), 400);
    pack_first();
    assert_int_equal(read_through(&cursor, 700), 300); /* the descriptor is still open */
    log_reader_rest(reader);
    assert_int_equal(read_through(&cursor, head()), head() - 700);
}

static void what_compressing_did_is_counted(void **state)
{
    (void)state;
    pack_first();
    step();
    assert_int_equal(stats_get(&stats.retention_packed), 1);
    assert_int_equal(stats_get(&stats.log_files), 3);
    assert_int_equal(stats_get(&stats.log_packed_files), 1);
    assert_true(stats_get(&stats.retention_packed_in) > 3 * stats_get(&stats.retention_packed_out));
    assert_int_equal(stats_get(&stats.log_first_seq), 1);
    assert_int_equal(stats_get(&stats.log_first_us), LOG_BUILDER_START_US + 1000000);
}

/* Whatever step of compressing fails: all can be read, and the next try comes to the same end. */
static void each_step_that_fails_is_made_good(void **state)
{
    (void)state;
    static const struct {
        int error;
        bool is_dead;
        bool is_half_done;
    } kinds[] = {{EIO, false, false}, {ENOSPC, false, true}, {EIO, true, true}};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        for (unsigned at = 1, more = 1; more != 0; at++) {
            tear_down(state);
            set_up(state);
            plan = (struct disk_fault_plan){.kinds = DISK_STEP_ANY,
                                            .at = at,
                                            .times = 1,
                                            .error = kinds[kind].error,
                                            .is_dead = kinds[kind].is_dead,
                                            .is_half_done = kinds[kind].is_half_done};
            work.limits.pack_after_s = 0;
            enum retention_outcome outcome = step();
            more = plan.has_failed;
            assert_true(more == 0 || outcome == RETENTION_FAILED);
            assert_int_equal(stats_get(&stats.retention_failing), more);
            assert_all_is_read();
            if (kinds[kind].is_dead) {
                end_work();
                begin();
                work.limits.pack_after_s = 0;
            }
            plan = (struct disk_fault_plan){0};
            while (step() == RETENTION_DONE)
                ;
            assert_int_equal(stats_get(&stats.retention_failing), 0);
            assert_false(log_dir_has(&dir, FIRST));
            assert_int_equal(log_dir_count(&dir, FIRST), 1); /* nothing is left over */
            assert_all_is_read();
        }
    }
}

static void a_file_in_both_forms_is_compressed_already(void **state)
{
    (void)state;
    struct text content;
    log_dir_read(&dir, FIRST, &content);
    pack_first();
    log_dir_write(&dir, FIRST, content.data, content.len); /* as if killed before it was removed */
    assert_all_is_read();
    assert_int_equal(step(), RETENTION_DONE);
    assert_false(log_dir_has(&dir, FIRST));
    assert_all_is_read();
    text_fini(&content);
}

static void what_others_compressed_is_left_alone(void **state)
{
    (void)state;
    work.limits.pack_after_s = 0;
    log_dir_write(&dir, FIRST ".zst", "something", 9);
    log_dir_write(&dir, FIRST ".gz", "something", 9);
    log_dir_write(&dir, "events.log.20200101.zst", "something", 9);
    log_dir_write(&dir, "events.log.20200101", "something", 9);
    assert_int_equal(step(), RETENTION_FAILED);
    assert_true(log_dir_has(&dir, FIRST));
    assert_int_equal(log_dir_count(&dir, FIRST), 3);
    assert_int_equal(log_dir_count(&dir, "events.log.2020"), 2);
    assert_all_is_read();
    work.limits.age_s = 0;
    assert_int_equal(step(), RETENTION_DONE);
    assert_int_equal(log_dir_count(&dir, "events.log.2020"), 2);
}

static void a_compressed_file_that_is_spoilt_is_told_as_unreadable(void **state)
{
    (void)state;
    struct text content;
    pack_first();
    log_dir_read(&dir, FIRST ".zst", &content);
    content.data[content.len / 2] ^= 1;
    log_dir_write(&dir, FIRST ".zst", content.data, content.len);
    text_fini(&content);
    struct log_cursor cursor = {.next_seq = 1};
    struct line line;
    uint64_t hole_to;
    enum log_reader_result result;
    while ((result = log_reader_next(reader, &cursor, head(), &line, &hole_to)) == LOG_READER_LINE)
        ;
    assert_int_equal(result, LOG_READER_FAILED);
    assert_int_equal(log_reader_error(reader), -EBADMSG);
    struct log_cursor behind = {.next_seq = EVENTS_IN_FILE + 1};
    assert_int_equal(read_through(&behind, head()), head() - EVENTS_IN_FILE);
}

static void the_log_says_so_before_a_file_goes(void **state)
{
    (void)state;
    struct text content;
    log_dir_read(&dir, FIRST, &content);
    work.limits.age_s = DAY_US / 1000000 / 2;
    may_tell = false;
    assert_int_equal(step(), RETENTION_IDLE);
    assert_true(log_dir_has(&dir, FIRST));
    may_tell = true;
    assert_int_equal(step(), RETENTION_DONE);
    assert_false(log_dir_has(&dir, FIRST));
    assert_int_equal(told_count, 1);
    assert_string_equal(told.file, FIRST);
    assert_string_equal(told.reason, "age");
    assert_int_equal(told.bytes, content.len);
    assert_int_equal(told.first_seq, 1);
    assert_int_equal(told.last_seq, EVENTS_IN_FILE);
    char hex[CHAIN_HEX_LEN];
    chain_write_hex(hex, told.last_hash);
    assert_memory_equal(content.data + content.len - 3 - CHAIN_HEX_LEN, hex, CHAIN_HEX_LEN);
    assert_int_equal(step(), RETENTION_IDLE); /* the one before today's stays */
    struct log_cursor cursor = {.next_seq = 1};
    log_reader_rest(reader);
    assert_int_equal(expect_hole(&cursor), EVENTS_IN_FILE);
    assert_int_equal(read_through(&cursor, head()), head() - EVENTS_IN_FILE);
    text_fini(&content);
}

static void a_file_that_a_session_reads_is_waited_for_but_not_for_ever(void **state)
{
    (void)state;
    work.limits.bytes = 1;
    stats_set(&stats.stream_reading_seq, EVENTS_IN_FILE);
    assert_int_equal(step(), RETENTION_IDLE);
    stats_set(&stats.stream_reading_seq, EVENTS_IN_FILE + 1);
    assert_int_equal(step(), RETENTION_DONE);
    assert_int_equal(told.first_seq, 1);
    log_builder_follow(&builder, log_file_tail(log_file));
    roll();
    log_builder_commit(&builder, log_file, 3);
    assert_int_equal(step(), RETENTION_IDLE);
    assert_int_equal(step(), RETENTION_DONE); /* an hour later */
    assert_int_equal(told.first_seq, EVENTS_IN_FILE + 1);
}

static void a_compressed_file_is_removed_too(void **state)
{
    (void)state;
    pack_first();
    work.limits.bytes = 1;
    assert_int_equal(step(), RETENTION_DONE);
    assert_string_equal(told.file, FIRST ".zst");
    assert_string_equal(told.reason, "size");
    assert_int_equal(log_dir_count(&dir, FIRST), 0);
    uint64_t seq;
    assert_int_equal(log_reader_first(reader, &seq), 0);
    assert_int_equal(seq, EVENTS_IN_FILE + 1);
}

static void a_log_of_compressed_files_is_opened_again(void **state)
{
    (void)state;
    uint64_t last = head();
    pack_first();
    log_file_close(&log_file);
    log_dir_remove(&dir, "tocsind.state");
    log_file = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log_file)->seq, last);
    assert_all_is_read();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_compressed_file_is_read_as_before),
        TEST(a_cursor_goes_on_where_the_file_is_compressed_under_it),
        TEST(what_compressing_did_is_counted),
        TEST(each_step_that_fails_is_made_good),
        TEST(a_file_in_both_forms_is_compressed_already),
        TEST(what_others_compressed_is_left_alone),
        TEST(a_compressed_file_that_is_spoilt_is_told_as_unreadable),
        TEST(the_log_says_so_before_a_file_goes),
        TEST(a_file_that_a_session_reads_is_waited_for_but_not_for_ever),
        TEST(a_compressed_file_is_removed_too),
        TEST(a_log_of_compressed_files_is_opened_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
