/* What the log leaves in the operating system's file cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/tocsin_base.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

#define KEPT_BYTES 262144u
#define STEP_BYTES 1048576u /* it is worth a system call only so often */

static struct log_dir dir;
static struct log_builder builder;

/* The real disk; notes what it was told to forget. */
static struct {
    struct disk disk;
    uint64_t forgotten; /* from the file's start, without a hole */
    unsigned calls;
} noting;

static void note_forget(const struct disk *disk, int fd, uint64_t offset, uint64_t len)
{
    assert_ptr_equal(disk, &noting.disk);
    assert_int_equal(offset, noting.forgotten);
    noting.forgotten = offset + len;
    noting.calls++;
    disk_real.forget(disk, fd, offset, len);
}

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    noting.disk = disk_real;
    noting.disk.forget = note_forget;
    noting.forgotten = 0;
    noting.calls = 0;
    dir.options.disk = &noting.disk;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static void what_is_synced_leaves_the_cache_all_but_the_end_that_was_asked_for(void **state)
{
    (void)state;
    dir.options.cache_bytes = KEPT_BYTES;
    struct log_file *log = log_dir_open(&dir);
    while (log_file_len(log) < 8 * STEP_BYTES) {
        log_builder_commit(&builder, log, 100);
        assert_true(noting.forgotten == 0 || noting.forgotten + KEPT_BYTES <= log_file_len(log));
        assert_true(log_file_len(log) < noting.forgotten + KEPT_BYTES + STEP_BYTES);
    }
    assert_in_range(noting.calls, 6, 8);
    log_file_close(&log);
}

static void what_is_not_synced_stays(void **state)
{
    (void)state;
    dir.options.cache_bytes = KEPT_BYTES;
    struct log_file *log = log_dir_open(&dir);
    log_builder_commit(&builder, log, 1);
    while (log_file_len(log) < 2 * STEP_BYTES) {
        log_builder_begin_batch(&builder);
        for (unsigned i = 0; i < 100; i++)
            log_builder_add(&builder, "source", "an event that nobody has synced yet");
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
        assert_int_equal(noting.calls, 0);
    }
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
    assert_int_equal(noting.calls, 1);
    log_file_close(&log);
}

static void zero_leaves_all_of_it(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    while (log_file_len(log) < 2 * STEP_BYTES)
        log_builder_commit(&builder, log, 100);
    assert_int_equal(noting.calls, 0);
    log_file_close(&log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_synced_leaves_the_cache_all_but_the_end_that_was_asked_for),
        TEST(what_is_not_synced_stays),
        TEST(zero_leaves_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
