/* Replay of a log of events of 350 bytes: by the stream thread, over TCP to a client that only takes the bytes; from the
 * log's files and from memory; beside cat of the same files and a parse of each line with jansson, in one run. And how
 * long it takes to find a line by seq and by time.
 *
 *   bench_stream [MEGABYTES]      of log (default 200) */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/clock.h"
#include "broker/log_reader.h"
#include "broker/stream.h"
#include "tests/bench/bench_stream_client.h"
#include "tests/bench/bench_stream_log.h"
#include "tests/bench/bench_threads.h"

#define TAIL_BYTES  (256u << 20)
#define TAIL_EVENTS 500000u
#define SEEKS       2000u
#define ROUNDS      3u

struct bench {
    struct bench_log log;
    struct stats stats;
    struct feed feed;
    struct door door;
    void *zmq;
    struct text message;
    double jansson_rate; /* events a second */
    double cat_rate;     /* bytes a second */
};

static uint64_t head(const struct bench *bench)
{
    return bench->log.batch.next_seq - 1;
}

/* --- the ways --- */

static void measure_cat(struct bench *bench)
{
    char command[200];
    snprintf(command, sizeof command, "cat '%s/events.log' >/dev/null", bench->log.dir);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t began_us = clock_monotonic_us();
        bench_must(system(command) == 0, "cat");
        double rate = (double)log_file_len(bench->log.file) / (double)(clock_monotonic_us() - began_us) * 1e6;
        if (rate > bench->cat_rate)
            bench->cat_rate = rate;
    }
    printf("%-44s %12s %9.0f\n", "cat events.log >/dev/null", "", bench->cat_rate / 1e6);
}

static void measure_jansson(struct bench *bench)
{
    char path[100], *line = NULL;
    size_t room = 0, bytes = 0;
    uint64_t count = 0;
    snprintf(path, sizeof path, "%s/events.log", bench->log.dir);
    FILE *file = fopen(path, "r");
    bench_must(file != NULL, "events.log");
    uint64_t began_us = clock_monotonic_us();
    for (ssize_t len; count < 200000 && (len = getline(&line, &room, file)) > 0; count++) {
        json_t *tree = json_loadb(line, (size_t)len, 0, NULL);
        bench_must(tree != NULL, "a line that is no JSON");
        json_decref(tree);
        bytes += (size_t)len;
    }
    double us = (double)(clock_monotonic_us() - began_us);
    bench->jansson_rate = (double)count / us * 1e6;
    printf("%-44s %12.0f %9.0f\n", "a parse of each line with jansson", bench->jansson_rate, (double)bytes / us);
    free(line);
    fclose(file);
}

static void measure_replay(struct bench *bench, const char *what, uint64_t from, const char *filter)
{
    void *client = stream_client_connect(bench->zmq, bench->door.endpoint);
    double best_s = 1e9, best_cpu_s = 1e9;
    uint64_t count = head(bench) - from + 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double cpu_s = bench_other_threads_cpu_s();
        uint64_t began_us = clock_monotonic_us();
        stream_client_open(client, from, filter);
        stream_client_credit(client, INT64_MAX);
        stream_client_take_all(client);
        double s = (double)(clock_monotonic_us() - began_us) / 1e6;
        cpu_s = bench_other_threads_cpu_s() - cpu_s;
        best_s = s < best_s ? s : best_s;
        best_cpu_s = cpu_s < best_cpu_s ? cpu_s : best_cpu_s;
    }
    zmq_close(client);
    double line_bytes = (double)log_file_len(bench->log.file) / (double)head(bench);
    double rate = (double)count / best_s;
    printf("%-44s %12.0f %9.0f %12.0f %9.2f %9.2f\n", what, rate, rate * line_bytes / 1e6, (double)count / best_cpu_s,
           rate * line_bytes / bench->cat_rate, rate / bench->jansson_rate);
}

/* Fills the memory of the latest records as the journal does, with records that are in no file. */
static void feed_tail(struct bench *bench)
{
    for (unsigned i = 0; i < TAIL_EVENTS; i += BENCH_LOG_BATCH) {
        bench_log_make_batch(&bench->log);
        while (ring_used(bench->feed.ring) > 0)
            usleep(50);
        feed_offer(&bench->feed, &bench->log.batch, head(bench));
    }
    stats_set(&bench->stats.durable_seq, head(bench));
}

static void measure_seeks(struct bench *bench)
{
    struct log_reader_options options = {.dir = bench->log.dir, .log_id = log_file_tail(bench->log.file)->log_id};
    int error;
    struct log_reader *reader = log_reader_new(&options, &error);
    bench_must(reader != NULL, "the reader");
    uint64_t found, hole_to, first_us = 0, last_us = 0, last_seq = log_file_tail(bench->log.file)->seq;
    struct line line;
    for (unsigned i = 0; i < 2; i++) { /* the times between which there is something to find */
        struct log_cursor cursor = {.next_seq = i == 0 ? 1 : last_seq};
        bench_must(log_reader_next(reader, &cursor, last_seq, &line, &hole_to) == LOG_READER_LINE, "a line");
        *(i == 0 ? &first_us : &last_us) = line.received_us;
    }
    uint64_t began_us = clock_monotonic_us();
    for (uint64_t i = 0; i < SEEKS; i++) {
        struct log_cursor cursor = {.next_seq = 1 + i * 7919 * 104729 % last_seq};
        bench_must(log_reader_next(reader, &cursor, last_seq, &line, &hole_to) == LOG_READER_LINE, "a line");
    }
    double by_seq_us = (double)(clock_monotonic_us() - began_us) / SEEKS;
    began_us = clock_monotonic_us();
    for (uint64_t i = 0; i < SEEKS; i++)
        bench_must(log_reader_at_time(reader, first_us + i * 7919 * 104729 % (last_us - first_us), &found) == 0,
                   "a time");
    printf("\nto a line anywhere in %.0f MB: %.0f us by seq, %.0f us by time (warm, without an index)\n",
           (double)log_file_len(bench->log.file) / 1e6, by_seq_us, (double)(clock_monotonic_us() - began_us) / SEEKS);
    log_reader_free(&reader);
}

static struct stream *start_stream(struct bench *bench)
{
    bench->zmq = zmq_ctx_new();
    bench->feed.ring = ring_new(16 << 20);
    atomic_store(&bench->feed.wants_frames, true);
    bench_must(door_open_stream(&bench->door, bench->zmq, NULL, "tcp://127.0.0.1:*", &bench->message) == TOCSIN_OK,
               "the door");
    static struct taken taken;
    struct stream_options options = {
        .taken = &taken,
        .version = "bench",
        .log_id = log_file_tail(bench->log.file)->log_id,
        .log_dir = bench->log.dir,
        .door = &bench->door,
        .feed = &bench->feed,
        .topics = bench->log.topics,
        .max_topics = 1000,
        .head_seq = head(bench),
        .tail_bytes = TAIL_BYTES,
        .stats = &bench->stats,
    };
    stats_set(&bench->stats.durable_seq, head(bench));
    struct stream *stream = stream_new(&options, &bench->message);
    bench_must(stream && stream_start(stream) == TOCSIN_OK, "the stream thread");
    return stream;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bench_must(sodium_init() >= 0, "no libsodium");
    text_init(&bench.message);
    bench_log_make(&bench.log, (argc > 1 ? strtoull(argv[1], NULL, 10) : 200) * 1000000);
    uint64_t file_head = head(&bench);
    struct stream *stream = start_stream(&bench);
    printf("Replay of %llu events of %u bytes, %.0f bytes a line\n\n", (unsigned long long)file_head,
           BENCH_LOG_EVENT_LEN, (double)log_file_len(bench.log.file) / (double)file_head);
    printf("%-44s %12s %9s %12s %9s %9s\n", "", "events/s", "MB/s", "a core", "/ cat", "/ jansson");
    measure_cat(&bench);
    measure_jansson(&bench);
    measure_replay(&bench, "stream, from files", 1, NULL);
    measure_replay(&bench, "stream, from files, one source of 17", 1, "StreamEvent/#default#app/camera-03");
    feed_tail(&bench);
    measure_replay(&bench, "stream, from memory", file_head + 1, NULL);
    measure_replay(&bench, "stream, from memory, one source of 17", file_head + 1,
                   "StreamEvent/#default#app/camera-03");
    measure_seeks(&bench);
    printf("events/s: by the clock, client and sockets on the same machine; a core: for each second of the stream "
           "thread's time\n");
    stream_stop(stream);
    stream_free(&stream);
    door_close(&bench.door, 0);
    zmq_ctx_term(bench.zmq);
    ring_free(&bench.feed.ring);
    bench_log_remove(&bench.log);
    return 0;
}
