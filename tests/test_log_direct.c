/* Large batches go past the system's file cache: the file is the same, byte for byte, whatever of that the disk does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "proto/tocsin_base.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

static struct log_dir dir;
static struct log_builder builder;
static struct text expected; /* what events.log must hold */

/* The real disk; notes what it was asked for, and may refuse it or do it in parts. */
static struct {
    struct disk disk;
    size_t bytes; /* written past the cache */
    unsigned calls;
    int error;   /* 0: none */
    size_t most; /* bytes at a time; 0: all */
} noting;

static ssize_t note_direct(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    noting.calls++;
    assert_int_equal((uintptr_t)bytes % DISK_DIRECT_ALIGN, 0);
    assert_int_equal(len % DISK_DIRECT_ALIGN, 0);
    if (noting.error != 0)
        return noting.error;
    size_t part = noting.most > 0 && noting.most < len ? noting.most : len;
    ssize_t count = part % DISK_DIRECT_ALIGN == 0 ? disk_real.append_direct(disk, fd, bytes, part)
                                                  : disk_real.append(disk, fd, bytes, part);
    noting.bytes += count > 0 ? (size_t)count : 0;
    return count;
}

static int set_up(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    text_init(&expected);
    noting.disk = disk_real;
    noting.disk.append_direct = note_direct;
    noting.bytes = noting.most = 0;
    noting.calls = 0;
    noting.error = 0;
    dir.options.disk = &noting.disk;
    dir.options.direct_bytes = 2 * DISK_DIRECT_ALIGN;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    text_fini(&expected);
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static void write_batch(struct log_file *log, unsigned count)
{
    log_builder_follow(&builder, log_file_tail(log));
    if (log_file_is_fresh(log))
        log_builder_add_opened(&builder, log_file_origin(log));
    for (unsigned i = 0; i < count; i++)
        log_builder_add(&builder, "cam", &"an event whose line is of another length each time"[i % 40]);
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    text_put(&expected, builder.lines.data, builder.lines.len);
    assert_int_equal(log_file_len(log), expected.len);
}

static void assert_whole(struct log_file **log)
{
    struct text content;
    struct log_tail tail = *log_file_tail(*log);
    assert_int_equal(log_file_sync(*log), TOCSIN_OK);
    assert_int_equal(log_file_check(*log), TOCSIN_OK);
    log_file_close(log);
    log_dir_read(&dir, "events.log", &content);
    assert_int_equal(content.len, expected.len);
    assert_memory_equal(content.data, expected.data, expected.len);
    text_fini(&content);
    *log = log_dir_open(&dir);
    assert_int_equal(log_file_tail(*log)->seq, tail.seq);
    log_file_close(log);
}

static void write_many(unsigned batches)
{
    struct log_file *log = log_dir_open(&dir);
    for (unsigned i = 0; i < batches; i++)
        write_batch(log, i % 7 == 3 ? 5000 : 1 + i * 37 % 200);
    assert_whole(&log);
}

static void large_and_small_batches_make_one_file(void **state)
{
    (void)state;
    write_many(60);
    /* not so on a file system that has no such thing, as some have in memory */
    assert_true(noting.bytes > expected.len / 2 || noting.calls == 1);
}

static void what_is_done_in_parts_goes_on(void **state)
{
    (void)state;
    noting.most = 5 * DISK_DIRECT_ALIGN;
    write_many(30);
}

static void what_ends_within_a_block_goes_on_as_ever(void **state)
{
    (void)state;
    noting.most = 5 * DISK_DIRECT_ALIGN + 100;
    write_many(30);
}

static void where_it_is_refused_all_is_written_as_ever_and_it_is_not_asked_again(void **state)
{
    (void)state;
    noting.error = -EINVAL;
    write_many(30);
    assert_int_equal(noting.calls, 1);
}

static void a_small_batch_is_written_as_ever(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    for (unsigned i = 0; i < 50; i++)
        write_batch(log, 3);
    assert_whole(&log);
    assert_int_equal(noting.calls, 0);
}

static void without_room_in_the_midst_of_it_no_byte_is_left(void **state)
{
    struct rlimit old, limit;
    (void)state;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct log_file *log = log_dir_open(&dir);
    write_batch(log, 3);
    log_builder_follow(&builder, log_file_tail(log));
    for (unsigned i = 0; i < 100; i++)
        log_builder_add(&builder, "cam", "there is no room for this one");
    for (size_t room = 0; room < builder.lines.len; room += 997) {
        limit = (struct rlimit){expected.len + room, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_NOSPACE);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(log_file_check(log), TOCSIN_OK);
    }
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_OK);
    text_put(&expected, builder.lines.data, builder.lines.len);
    assert_whole(&log);
}

static void a_disk_that_fails_in_the_midst_of_it_is_final(void **state)
{
    (void)state;
    struct log_file *log = log_dir_open(&dir);
    write_batch(log, 100);
    noting.error = -EIO;
    log_builder_follow(&builder, log_file_tail(log));
    for (unsigned i = 0; i < 100; i++)
        log_builder_add(&builder, "cam", "the disk fails at this one");
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_IO);
    noting.error = 0;
    assert_int_equal(log_builder_write(&builder, log), TOCSIN_E_IO);
    log_file_close(&log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(large_and_small_batches_make_one_file),
        TEST(what_is_done_in_parts_goes_on),
        TEST(what_ends_within_a_block_goes_on_as_ever),
        TEST(where_it_is_refused_all_is_written_as_ever_and_it_is_not_asked_again),
        TEST(a_small_batch_is_written_as_ever),
        TEST(without_room_in_the_midst_of_it_no_byte_is_left),
        TEST(a_disk_that_fails_in_the_midst_of_it_is_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
