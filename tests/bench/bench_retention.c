/* What a day of the log costs compressed: how long that takes and what is left, reading all of it, and finding a line in
 * it, beside the plain file, in one run. The events are of a few kinds, much like each other: real ones compress less.
 *
 *   bench_retention [MEGABYTES]      of log (default 200) */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/disk_zst.h"
#include "broker/log_index_make.h"
#include "broker/log_name.h"
#include "broker/log_reader.h"
#include "broker/retention_pack.h"
#include "tests/bench/bench_stream_log.h"

#define SEEKS  2000u
#define ROLLED "events.log.20261121"

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static struct log_reader *open_reader(const struct bench_log *log)
{
    struct log_reader_options options = {.dir = log->dir, .log_id = log_file_tail(log->file)->log_id};
    int error;
    struct log_reader *reader = log_reader_new(&options, &error);
    bench_must(reader != NULL, "no reader");
    return reader;
}

static void measure_reading(const struct bench_log *log, const char *what, uint64_t bytes)
{
    struct log_reader *reader = open_reader(log);
    struct log_cursor cursor = {.next_seq = 1};
    uint64_t last_seq = log->batch.next_seq - 1, hole_to, count = 0;
    struct line line;
    uint64_t began_us = clock_monotonic_us();
    while (log_reader_next(reader, &cursor, last_seq, &line, &hole_to) == LOG_READER_LINE)
        count++;
    double us = (double)(clock_monotonic_us() - began_us);
    bench_must(count == last_seq, "not all lines were read");
    printf("%-34s %12.0f lines/s %8.0f MB/s\n", what, (double)count / us * 1e6, (double)bytes / us);
    log_reader_free(&reader);
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print_seeks(const char *what, const char *key, double *us)
{
    qsort(us, SEEKS, sizeof *us, by_size);
    printf("%-28s %-7s p50 %8.0f us   p99 %8.0f us   most %8.0f us\n", what, key, us[SEEKS / 2], us[SEEKS * 99 / 100],
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

/* Some thousand places all over the file, in no order. */
static void measure_seeks(const struct bench_log *log, const char *what)
{
    static double us[SEEKS];
    struct log_reader *reader = open_reader(log);
    uint64_t last_seq = log->batch.next_seq - 1, found;
    uint64_t first_us = received_of(reader, 1), last_us = received_of(reader, last_seq);
    for (uint64_t i = 0; i < SEEKS; i++) {
        uint64_t began_us = clock_monotonic_us();
        received_of(reader, 1 + i * 7919 * 104729 % last_seq);
        us[i] = (double)(clock_monotonic_us() - began_us);
    }
    print_seeks(what, "by seq", us);
    for (uint64_t i = 0; i < SEEKS; i++) {
        uint64_t wanted_us = first_us + i * 7919 * 104729 % (last_us - first_us), began_us = clock_monotonic_us();
        bench_must(log_reader_at_time(reader, wanted_us, &found) == 0, "a time");
        us[i] = (double)(clock_monotonic_us() - began_us);
    }
    print_seeks(what, "by time", us);
    log_reader_free(&reader);
}

static void measure_index(const struct bench_log *log, const char *what)
{
    struct disk_zst zst;
    disk_zst_init(&zst, &disk_real);
    struct log_index_make make = {
        .disk = &zst.disk, .stride = LOG_INDEX_STRIDE, .line_max = 1 << 20, .must_stop = never};
    make.dir = disk_real.open_dir(&disk_real, log->dir);
    uint64_t began_us = clock_monotonic_us();
    bench_must(log_index_make(&make, ROLLED, UINT64_MAX, true) == 0, "no index can be made");
    printf("%-34s %12.2f s\n", what, (double)(clock_monotonic_us() - began_us) / 1e6);
    disk_real.close(&disk_real, make.dir);
    disk_zst_fini(&zst);
}

static void drop_index(const struct bench_log *log)
{
    char path[sizeof log->dir + LOG_NAME_MAX], name[LOG_NAME_MAX];
    log_name_index(name, ROLLED);
    snprintf(path, sizeof path, "%s/%s", log->dir, name);
    bench_must(unlink(path) == 0, "there is no index");
}

static void measure_packing(const struct bench_log *log)
{
    struct retention_pack pack = {.disk = &disk_real, .level = 3, .must_stop = never};
    pack.dir = disk_real.open_dir(&disk_real, log->dir);
    uint64_t began_us = clock_monotonic_us();
    bench_must(retention_pack(&pack, ROLLED) == 0, "it cannot be compressed");
    double us = (double)(clock_monotonic_us() - began_us);
    printf("%-34s %12.1f : 1 %13.0f MB/s\n", "compressing, proving, syncing",
           (double)pack.content_len / (double)pack.packed_len, (double)pack.content_len / us);
    disk_real.close(&disk_real, pack.dir);
}

int main(int argc, char **argv)
{
    static struct bench_log log;
    uint64_t bytes = (argc > 1 ? strtoull(argv[1], NULL, 10) : 200) * 1000000;
    bench_must(sodium_init() >= 0, "libsodium");
    bench_log_make(&log, bytes);
    uint64_t len = log_file_len(log.file);
    int dir = disk_real.open_dir(&disk_real, log.dir);
    bench_must(disk_real.rename(&disk_real, dir, "events.log", ROLLED) == 0, "it cannot be renamed");
    disk_real.close(&disk_real, dir);
    printf("a file of %.0f MB, %llu lines\n", (double)len / 1e6, (unsigned long long)(log.batch.next_seq - 1));
    measure_reading(&log, "reading, plain", len);
    measure_seeks(&log, "seeks, plain, no index");
    measure_index(&log, "making the index, plain");
    measure_seeks(&log, "seeks, plain");
    drop_index(&log);
    measure_packing(&log);
    measure_reading(&log, "reading, compressed", len);
    measure_seeks(&log, "seeks, compressed, no index");
    measure_index(&log, "making the index, compressed");
    measure_seeks(&log, "seeks, compressed");
    bench_log_remove(&log);
    return EXIT_SUCCESS;
}
