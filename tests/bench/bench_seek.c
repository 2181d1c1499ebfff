#include "tests/bench/bench_seek.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/clock.h"
#include "broker/disk_zst.h"
#include "broker/log_index_make.h"
#include "broker/log_name.h"
#include "broker/log_reader.h"
#include "tests/bench/bench_stream_log.h"

#define SEEKS    5000u
#define LINE_MAX (1u << 20)

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print(const char *what, const char *key, double *us)
{
    qsort(us, SEEKS, sizeof *us, by_size);
    printf("%-30s %-9s p50 %6.0f us   p99 %6.0f us   most %6.0f us\n", what, key, us[SEEKS / 2], us[SEEKS * 99 / 100],
           us[SEEKS - 1]);
}

static uint64_t received_of(struct log_reader *reader, uint64_t seq)
{
    struct log_cursor cursor = {.next_seq = seq};
    struct line line;
    uint64_t hole_to;
    bench_must(log_reader_next(reader, &cursor, seq, &line, &hole_to) == LOG_READER_LINE, "a line");
    return line.received_us;
}

void bench_seek(const char *what, const char *dir, const char *log_id, uint64_t last_seq)
{
    static double us[SEEKS];
    int error;
    struct log_reader *reader = log_reader_new(&(struct log_reader_options){.dir = dir, .log_id = log_id}, &error);
    bench_must(reader != NULL, "the reader");
    uint64_t first_us = received_of(reader, 1), last_us = received_of(reader, last_seq), found;
    for (unsigned round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < SEEKS; i++) {
            uint64_t began_us = clock_monotonic_us();
            received_of(reader, 1 + i * 7919 * 104729 % last_seq);
            us[i] = (double)(clock_monotonic_us() - began_us);
        }
    }
    print(what, "by seq", us);
    for (unsigned round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < SEEKS; i++) {
            uint64_t time_us = first_us + i * 7919 * 104729 % (last_us - first_us), began_us = clock_monotonic_us();
            bench_must(log_reader_at_time(reader, time_us, &found) == 0, "a time");
            us[i] = (double)(clock_monotonic_us() - began_us);
        }
    }
    print(what, "by time", us);
    bench_must(log_reader_bad_indexes(reader, &found) == 0, "a wrong index");
    log_reader_free(&reader);
}

static bool never_stops(void *arg)
{
    (void)arg;
    return false;
}

void bench_seek_make_index(const char *dir, const char *name)
{
    struct disk_zst zst;
    disk_zst_init(&zst, &disk_real);
    struct log_index_make make = {.disk = &zst.disk,
                                  .stride = LOG_INDEX_STRIDE,
                                  .places_max = UINT64_MAX,
                                  .line_max = LINE_MAX,
                                  .must_stop = never_stops};
    make.dir = disk_real.open_dir(&disk_real, dir);
    uint64_t began_us = clock_monotonic_us();
    bench_must(log_index_make(&make, name, UINT64_MAX, true) == 0, "no index can be made");
    printf("%-40s %.2f s\n", "making its index", (double)(clock_monotonic_us() - began_us) / 1e6);
    disk_real.close(&disk_real, make.dir);
    disk_zst_fini(&zst);
}

void bench_seek_drop_index(const char *dir, const char *name)
{
    char index[LOG_NAME_MAX];
    log_name_index(index, name);
    int fd = disk_real.open_dir(&disk_real, dir);
    disk_real.unlink(&disk_real, fd, index);
    disk_real.close(&disk_real, fd);
}
