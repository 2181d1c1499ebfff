/* The daemon's own diagnostics: what reaches stderr, and what never does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/log.h"
#include "broker/printable.h"
#include "proto/utf8.h"

/* stderr is a socket of datagrams while a test runs: each write is one message, seen on its own. */
static int reader_fd;
static int stderr_fd;
static char line[8192];

static int redirect(void **state)
{
    (void)state;
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) != 0)
        return -1;
    stderr_fd = dup(STDERR_FILENO);
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    reader_fd = fds[0];
    log_init(LOG_LEVEL_INFO, NULL);
    return 0;
}

static int restore(void **state)
{
    (void)state;
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    close(reader_fd);
    return 0;
}

/* The next line without its end; NULL where there is none. */
static const char *next_line(void)
{
    const ssize_t len = recv(reader_fd, line, sizeof line - 1, MSG_DONTWAIT);
    if (len < 0)
        return NULL;
    assert_true(len > 0 && line[len - 1] == '\n');
    line[len - 1] = '\0';
    assert_int_equal(strlen(line), len - 1);
    assert_null(strchr(line, '\n'));
    return line;
}

/* The next line behind `HH:MM:SS.mmm `. */
static const char *next_text(void)
{
    const char *const text = next_line();
    assert_non_null(text);
    static const char form[] = "00:00:00.000 ";
    for (size_t i = 0; form[i]; i++)
        assert_true(form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
    return text + strlen(form);
}

static void a_line_has_the_time_the_level_and_the_text(void **state)
{
    (void)state;
    log_error("a %d", 1);
    log_warning("b");
    log_info("c %s", "d");
    assert_string_equal(next_text(), "error a 1");
    assert_string_equal(next_text(), "warning b");
    assert_string_equal(next_text(), "info c d");
    assert_null(next_line());
}

static void what_matters_less_than_the_level_is_not_printed(void **state)
{
    (void)state;
    for (int least = 0; least < LOG_LEVEL_COUNT; least++) {
        log_init((enum log_level)least, NULL);
        for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
            log_print((enum log_level)level, "x");
            const char *const printed = next_line();
            assert_int_equal(printed != NULL, level <= least);
            if (printed)
                assert_non_null(strstr(printed, log_level_word((enum log_level)level)));
        }
    }
    assert_null(log_level_word(LOG_LEVEL_COUNT));
}

static void under_systemd_a_line_begins_with_its_priority(void **state)
{
    (void)state;
    struct stat status;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
    log_init(LOG_LEVEL_DEBUG, stream);
    log_error("a");
    log_warning("b");
    log_info("c");
    log_debug("d");
    assert_string_equal(next_line(), "<3>a");
    assert_string_equal(next_line(), "<4>b");
    assert_string_equal(next_line(), "<6>c");
    assert_string_equal(next_line(), "<7>d");
}

static void another_files_journal_stream_changes_nothing(void **state)
{
    (void)state;
    static const char *const streams[] = {"1:1", "", ":", "x:y", "1", "99999999999999999999999:1", "-1:-1"};
    struct stat status;
    char longer[80];
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    snprintf(longer, sizeof longer, "%llu:%llux", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
    for (size_t i = 0; i <= sizeof streams / sizeof *streams; i++) {
        log_init(LOG_LEVEL_INFO, i < sizeof streams / sizeof *streams ? streams[i] : longer);
        log_info("a");
        assert_string_equal(next_text(), "info a");
    }
}

static void nothing_foreign_drives_the_terminal_or_ends_the_line(void **state)
{
    (void)state;
    log_info("%s", "a\nb\r\x1b[2J\x07\x7f\tc");
    assert_string_equal(next_text(), "info a\\x0ab\\x0d\\x1b[2J\\x07\\x7f\\x09c");
    log_info("%s", "\xc2\x9b"
                   "31m \xe2\x80\xae \xef\xbb\xbf \xe2\x80\xa8"); /* C1, bidi, BOM, line separator */
    assert_string_equal(next_text(), "info \\xc2\\x9b31m \\xe2\\x80\\xae \\xef\\xbb\\xbf \\xe2\\x80\\xa8");
    log_info("%s", "\xff\xc3 \xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80");
    assert_string_equal(next_text(), "info \\xff\\xc3 \\xc0\\x80 \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80");
    log_info("%s", "Gr\xc3\xb6\xc3\x9f"
                   "e \xe6\x97\xa5 \xf0\x9f\x9a\xa8 %s %n \\");
    assert_string_equal(next_text(), "info Gr\xc3\xb6\xc3\x9f"
                                     "e \xe6\x97\xa5 \xf0\x9f\x9a\xa8 %s %n \\");
    log_info("%.*s|", LOG_SPAN(span_of("ab\0c", 2)));
    assert_string_equal(next_text(), "info ab|");
}

static void a_long_line_is_cut_and_says_so(void **state)
{
    (void)state;
    static char foreign[100000];
    static const char *const units[] = {"a", "\n", "\xc3\xa4", "\xf0\x9f\x9a\xa8", "\xff"};
    for (size_t unit = 0; unit < sizeof units / sizeof *units; unit++) {
        const size_t unit_len = strlen(units[unit]);
        for (size_t i = 0; i + unit_len < sizeof foreign; i += unit_len)
            memcpy(foreign + i, units[unit], unit_len);
        for (int shift = 0; shift < 4; shift++) {
            log_error("%.*s%s", shift, "xyz", foreign);
            const char *const text = next_text();
            const size_t len = strlen(text);
            assert_true(len <= LOG_LINE_MAX + strlen("error ") && len > LOG_LINE_MAX - 16);
            assert_string_equal(text + len - 3, "\xe2\x80\xa6");
            assert_int_equal(utf8_inspect(span_of(text, len)), 0); /* cut between characters */
        }
    }
}

static void a_line_that_just_fits_is_whole(void **state)
{
    (void)state;
    char foreign[LOG_LINE_MAX + 2];
    memset(foreign, 'a', sizeof foreign);
    foreign[LOG_LINE_MAX] = '\0';
    log_info("%s", foreign);
    assert_string_equal(next_text() + strlen("info "), foreign);
    foreign[LOG_LINE_MAX] = 'b';
    foreign[LOG_LINE_MAX + 1] = '\0';
    log_info("%s", foreign);
    const char *const text = next_text() + strlen("info ");
    assert_int_equal(strlen(text), LOG_LINE_MAX);
    assert_string_equal(text + LOG_LINE_MAX - 3, "\xe2\x80\xa6");
}

static void printing_leaves_errno_alone(void **state)
{
    (void)state;
    errno = ENOSPC;
    log_error("the disk: %s", strerror(errno));
    assert_int_equal(errno, ENOSPC);
    assert_string_equal(next_text(), "error the disk: No space left on device");
}

static void a_stderr_that_is_closed_does_no_harm(void **state)
{
    (void)state;
    close(STDERR_FILENO);
    log_error("nobody hears this");
    assert_null(next_line());
}

/* --- limits --- */

static void a_message_passes_once_an_interval_with_the_count_of_those_held_back(void **state)
{
    (void)state;
    struct log_limit limit = {.interval_us = 1000};
    uint64_t suppressed = 99;
    assert_true(log_limit_passes(&limit, 5000, &suppressed));
    assert_int_equal(suppressed, 0);
    for (uint64_t now_us = 5000; now_us < 6000; now_us += 10)
        assert_false(log_limit_passes(&limit, now_us, &suppressed));
    assert_true(log_limit_passes(&limit, 6000, &suppressed));
    assert_int_equal(suppressed, 100);
    assert_false(log_limit_passes(&limit, 6999, &suppressed));
    assert_true(log_limit_passes(&limit, 50000, &suppressed));
    assert_int_equal(suppressed, 1);
    assert_true(log_limit_passes(&limit, 51000, &suppressed));
    assert_int_equal(suppressed, 0);
}

static void the_first_message_passes_at_any_time(void **state)
{
    (void)state;
    struct log_limit limit = {.interval_us = 1000000};
    uint64_t suppressed;
    assert_true(log_limit_passes(&limit, 0, &suppressed));
    assert_false(log_limit_passes(&limit, 1, &suppressed));
}

/* --- printable text --- */

static void a_quote_is_short_whatever_is_quoted(void **state)
{
    (void)state;
    static uint8_t foreign[5000];
    for (size_t len = 0; len < sizeof foreign; len += 7) {
        struct text text;
        text_init(&text);
        for (size_t i = 0; i < len; i++)
            foreign[i] = (uint8_t)(i * 31 + len);
        printable_quote(&text, span_of(foreign, len));
        assert_true(text.len <= PRINTABLE_QUOTE_MAX + 2);
        assert_int_equal(text.data[0], '"');
        assert_int_equal(text.data[text.len - 1], '"');
        assert_int_equal(utf8_inspect(text_span(&text)), 0);
        text_fini(&text);
    }
}

static void printable_text_fits_any_room_from_three_bytes_on(void **state)
{
    (void)state;
    static const char foreign[] = "a\xc3\xa4\xe6\x97\xa5\xf0\x9f\x9a\xa8\n\xff end";
    for (size_t room = 3; room < 64; room++) {
        char *const out = malloc(room); /* exactly, for the sanitizer */
        assert_non_null(out);
        const size_t len = printable_write(out, room, span_of_str(foreign));
        assert_true(len <= room);
        assert_int_equal(utf8_inspect(span_of(out, len)), 0);
        if (room >= 22)
            assert_true(len == 22 && memcmp(out, "a\xc3\xa4\xe6\x97\xa5\xf0\x9f\x9a\xa8\\x0a\\xff end", 22) == 0);
        else
            assert_memory_equal(out + len - 3, "\xe2\x80\xa6", 3);
        free(out);
    }
}

#define WITH_STDERR(test) cmocka_unit_test_setup_teardown(test, redirect, restore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STDERR(a_line_has_the_time_the_level_and_the_text),
        WITH_STDERR(what_matters_less_than_the_level_is_not_printed),
        WITH_STDERR(under_systemd_a_line_begins_with_its_priority),
        WITH_STDERR(another_files_journal_stream_changes_nothing),
        WITH_STDERR(nothing_foreign_drives_the_terminal_or_ends_the_line),
        WITH_STDERR(a_long_line_is_cut_and_says_so),
        WITH_STDERR(a_line_that_just_fits_is_whole),
        WITH_STDERR(printing_leaves_errno_alone),
        WITH_STDERR(a_stderr_that_is_closed_does_no_harm),
        cmocka_unit_test(a_message_passes_once_an_interval_with_the_count_of_those_held_back),
        cmocka_unit_test(the_first_message_passes_at_any_time),
        cmocka_unit_test(a_quote_is_short_whatever_is_quoted),
        cmocka_unit_test(printable_text_fits_any_room_from_three_bytes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
