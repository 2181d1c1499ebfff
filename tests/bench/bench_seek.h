/* Finding lines of a log, with an index beside its files and without. */
#ifndef TESTS_BENCH_BENCH_SEEK_H
#define TESTS_BENCH_BENCH_SEEK_H

#include <stdint.h>

/* Measures some thousand searches by seq and as many by time, all over the log and in no order, and prints how long they
 * took; what they touch is in memory from a first round. */
void bench_seek(const char *what, const char *dir, const char *log_id, uint64_t last_seq);

/* Makes the index of a file, and prints how long that took; removes it. */
void bench_seek_make_index(const char *dir, const char *name);
void bench_seek_drop_index(const char *dir, const char *name);

#endif
