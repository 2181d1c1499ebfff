/* Opening, writing, syncing and what may stand in the way, on real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "tests/disk_fault.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

static struct log_dir dir;
static struct log_builder builder;

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static void a_new_log_is_fresh_and_has_an_id_of_its_own(void **state)
{
    struct log_file *log = log_dir_open(&dir);
    const struct log_tail *tail = log_file_tail(log);
    uint8_t start[CHAIN_HASH_LEN];
    (void)state;

    assert_true(log_file_opening(log)->is_new);
    assert_true(log_file_opening(log)->was_stopped_cleanly);
    assert_true(log_file_is_fresh(log));
    assert_false(log_file_origin(log)->has_previous);
    assert_string_equal(log_file_origin(log)->log_id, tail->log_id);
    assert_int_equal(strlen(tail->log_id), LOG_ID_LEN);
    assert_int_equal(tail->seq, 0);
    assert_int_equal(tail->next_seq, 1);
    chain_start(start, span_of_str(tail->log_id));
    assert_memory_equal(tail->hash, start, sizeof start);
    log_file_close(&log);
    assert_null(log);
}

static void what_was_written_is_there_again_after_a_start(void **state)
{
    struct text before, after;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    for (unsigned i = 0; i < 20; i++)
        log_builder_commit(&builder, log, i % 5 + 1);
    assert_false(log_file_is_fresh(log));
    struct log_tail tail = *log_file_tail(log);
    assert_int_equal(tail.seq, 61);
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &before);

    log = log_dir_open(&dir);
    assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
    assert_false(log_file_opening(log)->is_new);
    assert_false(log_file_opening(log)->was_stopped_cleanly);
    assert_null(log_file_opening(log)->state_note);
    assert_int_equal(log_file_opening(log)->gap, LOG_GAP_NONE);
    assert_string_equal(log_file_opening(log)->torn_file, "");
    assert_int_equal(log_file_len(log), before.len);
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &after);
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.data, before.data, before.len);
    text_fini(&before);
    text_fini(&after);
}

/* Lines 1 to 4 and 5 to 6 are synced; 7 and 8 were written while the second of these syncs ran and carry its batch, 5; 9
 * carries 7. What begins where is in `at`. */
static void write_beside_a_sync(size_t at[10])
{
    struct log_sync sync;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 3);
    at[5] = log_file_len(log);
    log_builder_follow(&builder, log_file_tail(log));
    log_builder_add(&builder, "a", "five");
    log_builder_add(&builder, "a", "six");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    log_file_sync_begin(log, &sync);
    for (uint64_t seq = 7; seq <= 9; seq++) {
        at[seq] = log_file_len(log);
        log_builder_begin_batch(&builder);
        builder.batch = seq < 9 ? 5 : sync.seq + 1;
        log_builder_add(&builder, "a", "and so on");
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        if (seq == 8) {
            log_sync_run(&sync);
            assert_int_equal(log_file_sync_end(log, &sync), TOCSIN_OK);
        }
    }
    assert_int_equal(sync.seq, 6);
    log_file_close(&log);
    log_dir_remove(&dir, "tocsind.state");
}

static void write_damaged(const struct text *bytes)
{
    log_dir_clear(&dir);
    log_dir_write(&dir, "events.log", bytes->data, bytes->len);
}

static void lines_written_while_a_sync_ran_may_be_torn_and_are_written_again(void **state)
{
    size_t at[10] = {0};
    struct text bytes;
    struct log_file *log;
    (void)state;

    write_beside_a_sync(at);
    log_dir_read(&dir, "events.log", &bytes);
    log = log_dir_open(&dir);
    assert_int_equal(log_file_opening(log)->rewritten_bytes, bytes.len - at[5]);
    log_file_close(&log);

    bytes.data[at[8] + 20] ^= 1;
    write_damaged(&bytes);
    log = log_dir_open(&dir);
    assert_string_not_equal(log_file_opening(log)->torn_file, "");
    assert_int_equal(log_file_tail(log)->seq, 7);
    log_file_close(&log);

    bytes.data[at[5] + 20] ^= 1; /* that one was durable, as line 9 proves */
    write_damaged(&bytes);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
    text_fini(&bytes);
}

static void lives_follow_on_each_other_with_one_id_and_one_chain(void **state)
{
    char log_id[LOG_ID_LEN + 1] = "";
    (void)state;

    for (unsigned life = 0; life < 10; life++) {
        struct log_file *log = log_dir_open(&dir);
        if (life > 0)
            assert_string_equal(log_file_tail(log)->log_id, log_id);
        memcpy(log_id, log_file_tail(log)->log_id, sizeof log_id);
        assert_int_equal(log_file_tail(log)->seq, life == 0 ? 0 : life * 3 + 1);
        log_builder_commit(&builder, log, 3);
        log_file_close(&log);
        if (life % 2 == 0)
            log_dir_remove(&dir, "tocsind.state");
    }
}

static void the_last_line_tells_whether_the_stop_was_clean(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 3);
    log_builder_begin_batch(&builder);
    log_builder_add_stopped(&builder);
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->was_stopped_cleanly);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_false(log_file_opening(log)->was_stopped_cleanly);
    log_file_close(&log);
}

static void assert_topics(const struct log_file *log)
{
    struct span topic;
    uint64_t seq;

    (void)log;
    assert_int_equal(topics_count(dir.topics), topics_count(builder.topics));
    for (size_t at = 0; topics_next(builder.topics, &at, &topic, &seq);)
        assert_int_equal(topics_last(dir.topics, topic), seq);
}

static void every_topics_last_seq_is_known_again_with_and_without_the_state(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 37);
    log_builder_begin_batch(&builder);
    log_builder_add(&builder, "with \"quotes\", a \\ and \xe2\x80\xa8, \xef\xbb\xbf and \xd8\x9c", "odd");
    log_builder_add(&builder, "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "not escaped");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    log_file_close(&log);

    log = log_dir_open(&dir);
    assert_null(log_file_opening(log)->state_note);
    assert_topics(log);
    log_file_close(&log);
    log_dir_remove(&dir, "tocsind.state");
    log = log_dir_open(&dir);
    assert_non_null(log_file_opening(log)->state_note);
    assert_topics(log);
    log_file_close(&log);
}

static void a_second_broker_is_refused_with_the_pid_of_the_first(void **state)
{
    char pid[32];
    struct log_file *second;
    (void)state;

    struct log_file *log = log_dir_open(&dir);
    assert_int_equal(log_dir_try(&dir, &second), TOCSIN_E_LOCKED);
    snprintf(pid, sizeof pid, "(pid %ld)", (long)getpid());
    log_dir_assert_said(&dir, pid);
    log_dir_assert_said(&dir, "--log-dir");
    log_dir_remove(&dir, "tocsind.pid");
    assert_int_equal(log_dir_try(&dir, &second), TOCSIN_E_LOCKED);
    log_file_close(&log);
    log = log_dir_open(&dir);
    log_file_close(&log);
    assert_false(log_dir_has(&dir, "tocsind.pid"));
}

static void a_missing_directory_is_created_with_its_parents_for_us_and_our_group(void **state)
{
    char path[512];
    struct stat stat_of;
    (void)state;

    snprintf(path, sizeof path, "%s/a/b//c/", dir.path);
    dir.options.dir = path;
    mode_t old = umask(0);
    struct log_file *log = log_dir_open(&dir);
    umask(old);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0750);
    strcat(path, "events.log");
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0640);

    unlink(path);
    snprintf(path, sizeof path, "%s/a/b/c/tocsind.state", dir.path);
    unlink(path);
    for (const char *const *part = (const char *const[]){"a/b/c", "a/b", "a", NULL}; *part != NULL; part++) {
        snprintf(path, sizeof path, "%s/%s", dir.path, *part);
        assert_int_equal(rmdir(path), 0);
    }
}

static void a_directory_that_everyone_may_write_into_is_refused(void **state)
{
    struct log_file *log;
    (void)state;

    assert_int_equal(chmod(dir.path, 01777), 0);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "chmod o-w");
}

static void a_symbolic_link_or_a_directory_in_place_of_the_log_is_refused(void **state)
{
    char path[512];
    struct log_file *log;
    (void)state;

    log_dir_write(&dir, "elsewhere", "", 0);
    snprintf(path, sizeof path, "%s/events.log", dir.path);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "symbolic link");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "no plain file");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "no plain file");
    rmdir(path);
}

static void a_path_that_is_no_directory_is_refused_with_a_sentence(void **state)
{
    char path[512];
    struct log_file *log;
    (void)state;

    log_dir_write(&dir, "file", "", 0);
    snprintf(path, sizeof path, "%s/file", dir.path);
    dir.options.dir = path;
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "Choose another --log-dir");
    strcat(path, "/below");
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    dir.options.dir = "/proc/tocsin";
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
    log_dir_assert_said(&dir, "--log-dir");
    dir.options.dir = "";
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_INVALID);
}

/* An events.log that belongs to another program must not be taken for a torn tail and moved away. */
static void a_file_of_another_program_is_refused_and_left_alone(void **state)
{
    static const char foreign[] = "{\"level\":\"Info\",\"category\":\"StreamEvent\"}\n{\"level\":\"Info\"}\n";
    struct log_file *log;
    struct text content;
    (void)state;

    log_dir_write(&dir, "events.log", foreign, sizeof foreign - 1);
    assert_int_equal(log_dir_try(&dir, &log), TOCSIN_E_CORRUPT);
    log_dir_assert_said(&dir, "does not look like a file of tocsind");
    log_dir_read(&dir, "events.log", &content);
    assert_int_equal(content.len, sizeof foreign - 1);
    text_fini(&content);
    assert_int_equal(log_dir_count(&dir, "events.log"), 1);
}

static void a_first_line_of_which_a_power_cut_left_three_bytes_is_a_torn_tail(void **state)
{
    static const char torn[200] = "{\"s";
    (void)state;

    log_dir_write(&dir, "events.log", torn, sizeof torn);
    struct log_file *log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->is_new);
    assert_int_equal(log_file_opening(log)->torn_bytes, sizeof torn);
    log_file_close(&log);
}

static void an_empty_file_that_a_package_has_put_there_is_a_new_log(void **state)
{
    (void)state;
    log_dir_write(&dir, "events.log", "", 0);
    struct log_file *log = log_dir_open(&dir);
    assert_true(log_file_opening(log)->is_new);
    assert_false(log_file_opening(log)->current_was_missing);
    log_builder_commit(&builder, log, 1);
    log_file_close(&log);
}

/* With a limit on the file's size at every byte of a batch: the write stops there, as on a full disk. */
static void a_batch_without_room_leaves_no_byte_and_fits_later(void **state)
{
    struct rlimit old, limit;
    struct text content;
    (void)state;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 3);
    log_builder_begin_batch(&builder);
    log_builder_add(&builder, "a", "one");
    log_builder_add(&builder, "b", "two");
    uint64_t before = log_file_len(log);
    struct log_tail tail = *log_file_tail(log);
    for (uint64_t room = 0; room < builder.lines.len; room++) {
        limit = (struct rlimit){before + room, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_NOSPACE);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(log_file_len(log), before);
        assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
        assert_int_equal(log_file_check(log), TOCSIN_OK);
    }
    assert_string_not_equal(log_file_trouble(log), "");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, tail.seq + 2);
    log_file_close(&log);
    log_dir_read(&dir, "events.log", &content);
    assert_int_equal(content.len, before + builder.lines.len);
    text_fini(&content);
}

static void expect_final(struct log_file *log)
{
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_IO);
    assert_int_equal(log_file_sync(log), TOCSIN_E_IO);
    assert_int_equal(log_file_check(log), TOCSIN_E_IO);
    assert_int_equal(log_file_roll(log, NULL), TOCSIN_E_IO);
    assert_string_not_equal(log_file_trouble(log), "");
}

static void a_failed_sync_is_final_and_never_tried_again(void **state)
{
    static const int errors[] = {EIO, ENOSPC, EINTR, EDQUOT};
    (void)state;

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct disk_fault_plan plan = {.kinds = DISK_STEP_SYNC, .times = 1, .error = errors[i]};
        struct disk_fault disk;
        disk_fault_init(&disk, &plan);
        dir.options.disk = &disk.disk;
        struct log_file *log = log_dir_open(&dir);
        log_builder_commit(&builder, log, 1);
        log_builder_follow(&builder, log_file_tail(log));
        log_builder_add(&builder, "a", "one");
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        plan.at = plan.count + 1;
        assert_int_equal(log_file_sync(log), TOCSIN_E_IO);
        unsigned count = plan.count;
        expect_final(log);
        assert_int_equal(plan.count, count);
        log_file_close(&log);
        assert_int_equal(plan.count, count);
    }
    dir.options.disk = NULL;
    struct log_file *log = log_dir_open(&dir);
    log_file_close(&log);
}

static void a_failed_write_is_final_unless_there_is_only_no_room(void **state)
{
    static const int errors[] = {EIO, EROFS, EBADF, ENOSPC, EDQUOT, EFBIG};
    (void)state;

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        bool is_full = i >= 3;
        struct disk_fault_plan plan = {
            .kinds = DISK_STEP_WRITE, .times = 1, .error = errors[i], .is_half_done = i % 2 == 0};
        struct disk_fault disk;
        disk_fault_init(&disk, &plan);
        dir.options.disk = &disk.disk;
        struct log_file *log = log_dir_open(&dir);
        log_builder_commit(&builder, log, 1);
        struct log_tail tail = *log_file_tail(log);
        log_builder_follow(&builder, &tail);
        log_builder_add(&builder, "a", "one");
        plan.at = plan.count + 1;
        assert_int_equal(log_builder_write(&builder, log), is_full ? TOCSIN_E_NOSPACE : TOCSIN_E_IO);
        assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
        if (is_full)
            assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        else
            expect_final(log);
        log_file_close(&log);
    }
    dir.options.disk = NULL;
    struct log_file *log = log_dir_open(&dir);
    log_file_close(&log);
}

static void a_batch_that_cannot_be_taken_back_is_final(void **state)
{
    struct disk_fault_plan plan = {
        .kinds = DISK_STEP_WRITE | DISK_STEP_CUT, .times = 2, .error = ENOSPC, .is_half_done = true};
    struct disk_fault disk;
    (void)state;

    disk_fault_init(&disk, &plan);
    dir.options.disk = &disk.disk;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    struct log_tail tail = *log_file_tail(log);
    log_builder_follow(&builder, &tail);
    log_builder_add(&builder, "a", "one");
    plan.at = plan.count + 1;
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_IO);
    expect_final(log);
    log_file_close(&log);
    dir.options.disk = NULL;
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, tail.seq);
    assert_string_equal(log_file_opening(log)->torn_file, "events.log.torn.3");
    log_file_close(&log);
}

static void interrupted_and_short_writes_go_on(void **state)
{
    struct disk_fault_plan plan = {.kinds = DISK_STEP_WRITE, .times = 3, .error = EINTR, .is_half_done = true};
    struct disk_fault disk;
    (void)state;

    disk_fault_init(&disk, &plan);
    dir.options.disk = &disk.disk;
    struct log_file *log = log_dir_open(&dir);
    plan.at = plan.count + 1;
    log_builder_commit(&builder, log, 20);
    log_file_close(&log);
    log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(log)->seq, 21);
    log_file_close(&log);
}

static void a_log_that_someone_cut_extended_or_removed_is_noticed(void **state)
{
    char path[512];
    (void)state;

    snprintf(path, sizeof path, "%s/events.log", dir.path);
    for (unsigned way = 0; way < 4; way++) {
        log_dir_clear(&dir);
        struct log_file *log = log_dir_open(&dir);
        log_builder_commit(&builder, log, 2);
        assert_int_equal(log_file_check(log), TOCSIN_OK);
        if (way == 0)
            assert_int_equal(truncate(path, 10), 0);
        else if (way == 1)
            assert_int_equal(truncate(path, 100000), 0);
        else if (way == 2)
            log_dir_remove(&dir, "events.log");
        else
            log_dir_rename(&dir, "events.log", "events.log.1");
        assert_int_equal(log_file_check(log), TOCSIN_E_IO);
        assert_string_not_equal(log_file_trouble(log), "");
        log_file_close(&log);
    }
}

/* Each step of a start fails once; then the start goes well, or says so; and the next start finds all lines. */
static void a_start_on_a_failing_disk_loses_nothing(void **state)
{
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 5);
    struct log_tail tail = *log_file_tail(log);
    log_file_close(&log);
    (void)state;

    for (unsigned at = 1;; at++) {
        struct disk_fault_plan plan = {.kinds = DISK_STEP_ANY, .at = at, .times = 1, .error = at % 2 ? EIO : ENOSPC};
        struct disk_fault disk;
        disk_fault_init(&disk, &plan);
        dir.options.disk = &disk.disk;
        int result = log_dir_try(&dir, &log);
        if (result != TOCSIN_OK)
            assert_true(dir.message.len > 20);
        log_file_close(&log);
        dir.options.disk = NULL;
        log = log_dir_open(&dir);
        assert_memory_equal(log_file_tail(log), &tail, sizeof tail);
        log_file_close(&log);
        if (!plan.has_failed)
            break;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_log_is_fresh_and_has_an_id_of_its_own),
        TEST(what_was_written_is_there_again_after_a_start),
        TEST(lines_written_while_a_sync_ran_may_be_torn_and_are_written_again),
        TEST(lives_follow_on_each_other_with_one_id_and_one_chain),
        TEST(the_last_line_tells_whether_the_stop_was_clean),
        TEST(every_topics_last_seq_is_known_again_with_and_without_the_state),
        TEST(a_second_broker_is_refused_with_the_pid_of_the_first),
        TEST(a_missing_directory_is_created_with_its_parents_for_us_and_our_group),
        TEST(a_directory_that_everyone_may_write_into_is_refused),
        TEST(a_symbolic_link_or_a_directory_in_place_of_the_log_is_refused),
        TEST(a_path_that_is_no_directory_is_refused_with_a_sentence),
        TEST(a_file_of_another_program_is_refused_and_left_alone),
        TEST(a_first_line_of_which_a_power_cut_left_three_bytes_is_a_torn_tail),
        TEST(an_empty_file_that_a_package_has_put_there_is_a_new_log),
        TEST(a_batch_without_room_leaves_no_byte_and_fits_later),
        TEST(a_failed_sync_is_final_and_never_tried_again),
        TEST(a_failed_write_is_final_unless_there_is_only_no_room),
        TEST(a_batch_that_cannot_be_taken_back_is_final),
        TEST(interrupted_and_short_writes_go_on),
        TEST(a_log_that_someone_cut_extended_or_removed_is_noticed),
        TEST(a_start_on_a_failing_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
