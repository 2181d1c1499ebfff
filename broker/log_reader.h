/* Any stretch of the log, forwards, from the current file and those of earlier days. For one thread, while another one
 * appends to the log, rolls it and removes its oldest files.
 *
 * A reader serves many cursors. A cursor holds nothing open: it knows the seq that comes next and where that was last
 * seen to be, and what is found there must be that line; else it is looked for anew. */
#ifndef BROKER_LOG_READER_H
#define BROKER_LOG_READER_H

#include <stdint.h>

#include "broker/disk.h"
#include "proto/json_read.h"

struct log_reader;

struct log_reader_options {
    const char *dir;
    const char *log_id;
    const struct disk *disk; /* NULL: disk_real */
    uint64_t line_bytes_max; /* a longer line is damage; 0: 64 MiB */
};

/* A place in the log. Start it as {.next_seq = …}. */
struct log_cursor {
    uint64_t next_seq; /* the next line must not be before it */
    uint64_t file_seq; /* first seq of the file that it is in; 0: not known */
    uint64_t offset;   /* in that file */
};

enum log_reader_result {
    LOG_READER_LINE,
    LOG_READER_HOLE,  /* the log does not hold these seqs */
    LOG_READER_END,   /* no line through the limit now */
    LOG_READER_FAILED /* log_reader_error says why; the cursor stays where it was */
};

/* NULL with *error a negative errno when the directory cannot be opened or memory has run out. */
struct log_reader *log_reader_new(const struct log_reader_options *options, int *error);
void log_reader_free(struct log_reader **reader);

/* Closes the files of earlier days, to be opened again when they are wanted: what retention has removed, or replaced by
 * its compressed form, holds no room any more. To be called every few seconds. */
void log_reader_rest(struct log_reader *reader);

/* The next line, whose seq is at most `limit_seq` (what lies beyond may not be durable yet), and the cursor goes
 * behind it. Spans live until the next call. Where the next line has a higher seq than the cursor's, *hole_to is the
 * last seq that is missing, and the cursor stays: set its next_seq behind that to go on. */
enum log_reader_result log_reader_next(struct log_reader *reader, struct log_cursor *cursor, uint64_t limit_seq,
                                       struct line *line, uint64_t *hole_to);

/* The first seq that the log holds; 0 where it holds none. 0 or a negative errno. */
int log_reader_first(struct log_reader *reader, uint64_t *seq);

/* The seq of the first line received at or after a time, UINT64_MAX where there is none yet. 0 or a negative errno. */
int log_reader_at_time(struct log_reader *reader, uint64_t received_us, uint64_t *seq);

/* The negative errno of the last LOG_READER_FAILED. */
int log_reader_error(const struct log_reader *reader);

/* Indexes that were found to be wrong, so far, and in *file_seq the first seq of the file that the last one was of. */
uint64_t log_reader_bad_indexes(const struct log_reader *reader, uint64_t *file_seq);

/* Lines that could not be read and were passed over, so far. */
uint64_t log_reader_bad_lines(const struct log_reader *reader);

#endif
