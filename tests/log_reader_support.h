/* A log of three days and a reader of it. All static: for one test program. */
#ifndef TESTS_LOG_READER_SUPPORT_H
#define TESTS_LOG_READER_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "broker/log_reader.h"
#include "proto/tocsin_base.h"
#include "tests/log_builder.h"
#include "tests/log_dir.h"

#define DAY_US         UINT64_C(86400000000)
#define EVENTS_IN_FILE 1000u

static struct log_dir dir;
static struct log_builder builder;
static struct log_file *log_file;
static struct log_reader *reader;

static inline void roll(void)
{
    builder.received_us += DAY_US;
    assert_true(log_file_is_due(log_file, builder.received_us));
    assert_int_equal(log_file_roll(log_file, NULL), TOCSIN_OK);
}

static inline void open_reader(void)
{
    struct log_reader_options options = {.dir = dir.path, .log_id = log_file_tail(log_file)->log_id};
    int error;
    reader = log_reader_new(&options, &error);
    assert_non_null(reader);
    assert_int_equal(error, 0);
}

/* Three days: two of the past, and today. Each begins with LogOpened. */
static inline int make_log(void **state)
{
    (void)state;
    log_dir_init(&dir);
    log_builder_init(&builder, dir.topics);
    log_file = log_dir_open(&dir);
    for (unsigned day = 0; day < 3; day++) {
        if (day > 0)
            roll();
        for (unsigned i = 0; i < 10; i++) {
            builder.received_us += 1000000;
            log_builder_commit(&builder, log_file, EVENTS_IN_FILE / 10 - (i == 0));
        }
    }
    open_reader();
    return 0;
}

static inline int drop_log(void **state)
{
    (void)state;
    log_reader_free(&reader);
    log_file_close(&log_file);
    log_builder_fini(&builder);
    log_dir_fini(&dir);
    return 0;
}

static inline uint64_t head(void)
{
    return log_file_tail(log_file)->seq;
}

/* Reads on as far as `limit`; every line follows the one before. Returns how many. */
static inline uint64_t read_through(struct log_cursor *cursor, uint64_t limit)
{
    struct line line;
    uint64_t hole_to, count = 0;
    for (;;) {
        uint64_t wanted = cursor->next_seq;
        enum log_reader_result result = log_reader_next(reader, cursor, limit, &line, &hole_to);
        if (result == LOG_READER_END)
            return count;
        assert_int_equal(result, LOG_READER_LINE);
        assert_int_equal(line.seq, wanted);
        assert_int_equal(cursor->next_seq, wanted + 1);
        count++;
    }
}

static inline void assert_next_is(uint64_t seq)
{
    struct log_cursor cursor = {.next_seq = seq};
    struct line line;
    uint64_t hole_to;
    assert_int_equal(log_reader_next(reader, &cursor, head(), &line, &hole_to), LOG_READER_LINE);
    assert_int_equal(line.seq, seq);
}

/* The hole that begins at the cursor; the cursor goes behind it. */
static inline uint64_t expect_hole(struct log_cursor *cursor)
{
    struct line line;
    uint64_t hole_to = 0;
    assert_int_equal(log_reader_next(reader, cursor, head(), &line, &hole_to), LOG_READER_HOLE);
    cursor->next_seq = hole_to + 1;
    return hole_to;
}

#endif
