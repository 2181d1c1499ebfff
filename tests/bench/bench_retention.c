/* What a day of the log costs compressed: how long that takes and what is left, reading all of it, and finding a line in
 * it, beside the plain file, in one run. The events are of a few kinds, much like each other: real ones compress less.
 *
 *   bench_retention [MEGABYTES]      of log (default 200) */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/clock.h"
#include "broker/log_reader.h"
#include "broker/retention_pack.h"
#include "tests/bench/bench_seek.h"
#include "tests/bench/bench_stream_log.h"

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

static void measure_seeks(const struct bench_log *log, const char *what)
{
    bench_seek(what, log->dir, log_file_tail(log->file)->log_id, log->batch.next_seq - 1);
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
    bench_seek_make_index(log.dir, ROLLED);
    measure_seeks(&log, "seeks, plain");
    bench_seek_drop_index(log.dir, ROLLED);
    measure_packing(&log);
    measure_reading(&log, "reading, compressed", len);
    measure_seeks(&log, "seeks, compressed, no index");
    bench_seek_make_index(log.dir, ROLLED);
    measure_seeks(&log, "seeks, compressed");
    bench_log_remove(&log);
    return EXIT_SUCCESS;
}
