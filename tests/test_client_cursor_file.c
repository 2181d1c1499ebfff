/* The cursor file: read, written, locked, and hostile ones. */
#include "tests/test_support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cursor_file.h"

#define LOG_ID "0123456789abcdef0123456789abcdef"

static char folder[64];
static char path[96];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tocsin-cursor-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/cursor", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"cursor", "cursor.new", "cursor.lock"};
    char name[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        unlink(name);
        rmdir(name);
    }
    return rmdir(folder);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct cursor_file file;
    struct cursor cursor = {.seq = 42, .log_id = LOG_ID}, read;
    assert_int_equal(cursor_file_open(&file, path), TOCSIN_OK);
    assert_int_equal(cursor_file_read(&file, &read), TOCSIN_E_END);
    for (uint64_t seq = 1; seq < UINT64_MAX / 3; seq *= 3) {
        cursor.seq = seq;
        assert_int_equal(cursor_file_write(&file, &cursor), TOCSIN_OK);
        assert_int_equal(cursor_file_read(&file, &read), TOCSIN_OK);
        assert_int_equal(read.seq, seq);
        assert_string_equal(read.log_id, LOG_ID);
    }
    cursor_file_close(&file);
}

static void a_second_user_is_kept_away_until_the_first_one_ends(void **state)
{
    (void)state;
    struct cursor_file first, second;
    assert_int_equal(cursor_file_open(&first, path), TOCSIN_OK);
    assert_int_equal(cursor_file_open(&second, path), TOCSIN_E_LOCKED);
    cursor_file_close(&second);
    cursor_file_close(&first);
    assert_int_equal(cursor_file_open(&second, path), TOCSIN_OK);
    cursor_file_close(&second);
}

static void a_write_that_fails_leaves_the_old_one(void **state)
{
    (void)state;
    struct cursor_file file;
    struct cursor cursor = {.seq = 7, .log_id = LOG_ID}, read;
    char in_the_way[128];
    assert_int_equal(cursor_file_open(&file, path), TOCSIN_OK);
    assert_int_equal(cursor_file_write(&file, &cursor), TOCSIN_OK);
    snprintf(in_the_way, sizeof in_the_way, "%s.new", path);
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    cursor.seq = 8;
    assert_int_equal(cursor_file_write(&file, &cursor), TOCSIN_E_IO);
    assert_int_equal(cursor_file_read(&file, &read), TOCSIN_OK);
    assert_int_equal(read.seq, 7);
    cursor_file_close(&file);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct cursor_file file;
    assert_int_equal(cursor_file_open(&file, "/tmp/tocsin-no-such-folder/cursor"), TOCSIN_E_IO);
    cursor_file_close(&file);
}

static void what_is_no_cursor_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        "tocsin-cursor 1 " LOG_ID " 1",                      /* cut */
        "tocsin-cursor 1 " LOG_ID " \n",                     /* no seq */
        "tocsin-cursor 1 " LOG_ID " -1\n",                   /* */
        "tocsin-cursor 1 " LOG_ID " 1 \n",                   /* more */
        "tocsin-cursor 1 " LOG_ID " 1\n\n",                  /* more */
        "tocsin-cursor 1 " LOG_ID " 18446744073709551615\n", /* none can follow */
        "tocsin-cursor 1 " LOG_ID " 18446744073709551616\n", /* beyond 64 bits */
        "tocsin-cursor 1 " LOG_ID " 99999999999999999999999\n",
        "tocsin-cursor 2 " LOG_ID " 1\n", /* newer */
        "tocsin-cursor 1 0123456789ABCDEF0123456789abcdef 1\n",
        "tocsin-cursor 1 0123456789abcdef 1\n",
    };
    struct cursor cursor;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (cursor_read(span_of_str(bad[i]), &cursor) != TOCSIN_E_SYNTAX)
            fail_msg("taken for a cursor: %s", bad[i]);
    }
    assert_int_equal(cursor_read(span_of_str("tocsin-cursor 1 " LOG_ID " 18446744073709551614\n"), &cursor), TOCSIN_OK);
    assert_int_equal(cursor.seq, UINT64_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_user_is_kept_away_until_the_first_one_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_fails_leaves_the_old_one, set_up, tear_down),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
        cmocka_unit_test(what_is_no_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
