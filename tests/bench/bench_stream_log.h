/* A log of events of 350 bytes from some sources in turn, made as the journal makes it. */
#ifndef TESTS_BENCH_STREAM_LOG_H
#define TESTS_BENCH_STREAM_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/batch.h"
#include "broker/log_file.h"

#define BENCH_LOG_EVENT_LEN 350u
#define BENCH_LOG_SOURCES   17u
#define BENCH_LOG_BATCH     2000u /* events */

struct bench_log {
    char dir[64];
    struct topics *topics;
    struct log_file *file;
    struct batch batch; /* the last one made */
    struct text events[BENCH_LOG_SOURCES];
    uint64_t number;
};

/* Ends the program with a sentence unless `is_true`. */
void bench_must(bool is_true, const char *what);

/* Makes a log of so many bytes in a new directory under /tmp. */
void bench_log_make(struct bench_log *log, uint64_t bytes);
void bench_log_remove(struct bench_log *log);

/* As bench_log_remove, but the directory stays. */
void bench_log_close(struct bench_log *log);

/* Makes log->batch the next events, without writing them. */
void bench_log_make_batch(struct bench_log *log);

#endif
