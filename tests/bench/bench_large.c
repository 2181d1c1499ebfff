/* A large log: how long a broker takes to start on it after kill -9, how long to find a line by seq and by time, how
 * fast it is replayed beside cat of the same bytes, and what a hundred stream sessions cost that never give credit.
 *
 *   bench_large [MEGABYTES]      (default 10000, or what half of the room under /tmp allows) */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/clock.h"
#include "client/tocsin_append.h"
#include "tests/bench/bench_middle.h"
#include "tests/bench/bench_seek.h"
#include "tests/bench/bench_stream_client.h"
#include "tests/bench/bench_stream_log.h"

#define SESSIONS    100u
#define MORE_EVENTS 300000u
#define STARTS      5u
#define WAIT_MS     60000
#define SETTLE_US   300000

/* --- the broker --- */

static void append_events(const struct middle *middle, unsigned count)
{
    struct tocsin_appender *appender;
    struct tocsin_appender_options options = {
        .producer = "bench", .append = middle->append, .send_timeout_ms = WAIT_MS};
    struct tocsin_event *event = tocsin_event_new();
    bench_must(event && tocsin_appender_open(&appender, &options) == 0, "the appender");
    for (unsigned i = 0; i < count; i++) {
        tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BenchEvent", "Happened", "source",
                         "An event that nobody waits for");
        bench_must(tocsin_append(appender, event, NULL) == 0, "append");
    }
    bench_must(tocsin_appender_flush(appender, WAIT_MS) == 0, "acknowledgements");
    tocsin_appender_close(&appender, NULL);
    tocsin_event_free(&event);
}

static void kill_broker(struct middle *middle)
{
    kill(middle->server.pid, SIGKILL);
    server_stop(&middle->server, NULL);
}

/* Each life writes something and is killed. */
static void measure_starts(const char *dir)
{
    struct middle middle;
    printf("%-40s", "start after kill -9, seconds to ready");
    for (unsigned i = 0; i <= STARTS; i++) {
        uint64_t began_us = clock_monotonic_us();
        middle_start_broker_on(&middle, "batch", dir);
        if (i > 0) /* the one before it was no kill */
            printf("  %.3f", (double)(clock_monotonic_us() - began_us) / 1e6);
        fflush(stdout);
        append_events(&middle, 20000);
        kill_broker(&middle);
    }
    printf("\n");
}

static double cat_rate(const char *dir, double bytes)
{
    char command[200];
    snprintf(command, sizeof command, "cat '%s/events.log' >/dev/null", dir);
    uint64_t began_us = clock_monotonic_us();
    bench_must(system(command) == 0, "cat");
    return bytes / (double)(clock_monotonic_us() - began_us);
}

/* cat first: what of it stays in memory is there for both. */
static void measure_replay(const char *dir, const struct middle *middle, void *zmq, double bytes, uint64_t events)
{
    cat_rate(dir, bytes);
    double cat = cat_rate(dir, bytes);
    void *client = stream_client_connect(zmq, middle->stream);
    double cpu_s = server_usage(&middle->server).cpu_s;
    uint64_t began_us = clock_monotonic_us();
    stream_client_open(client, 1, NULL);
    stream_client_credit(client, INT64_MAX);
    stream_client_take_all(client);
    double us = (double)(clock_monotonic_us() - began_us);
    cpu_s = server_usage(&middle->server).cpu_s - cpu_s;
    zmq_close(client);
    printf("%-40s %.0f MB/s, %.0f events/s, %.2f us of the broker's processor time each\n", "replay of all of it",
           bytes / us, (double)events / us * 1e6, cpu_s * 1e6 / (double)events);
    printf("%-40s %.0f MB/s\n", "cat of the same bytes", cat);
}

static double memory_mb(const struct middle *middle)
{
    usleep(SETTLE_US);
    return server_usage(&middle->server).memory_mb;
}

/* From the first line on, and never any credit; half of them would like to follow what comes. */
static void measure_sessions(const struct middle *middle, void *zmq)
{
    void *clients[SESSIONS];
    append_events(middle, MORE_EVENTS); /* what the broker keeps in memory is there */
    double before = memory_mb(middle);
    for (unsigned i = 0; i < SESSIONS; i++) {
        clients[i] = stream_client_connect(zmq, middle->stream);
        stream_client_open(clients[i], i % 2 ? 1 : UINT32_MAX, NULL);
        stream_client_await_opened(clients[i]);
    }
    double opened = memory_mb(middle);
    append_events(middle, MORE_EVENTS);
    double after = memory_mb(middle);
    append_events(middle, MORE_EVENTS);
    printf("%-40s %.1f MB, with %u sessions without credit %.1f MB; after %u more events %.1f MB, and again %.1f MB\n",
           "memory of the broker", before, SESSIONS, opened, MORE_EVENTS, after, memory_mb(middle));
    for (unsigned i = 0; i < SESSIONS; i++)
        zmq_close(clients[i]);
}

static uint64_t wanted_bytes(int argc, char **argv)
{
    struct statvfs space;
    uint64_t wanted = (argc > 1 ? strtoull(argv[1], NULL, 10) : 10000) * 1000000;
    bench_must(statvfs("/tmp", &space) == 0, "/tmp");
    uint64_t room = (uint64_t)space.f_bavail * space.f_frsize / 2;
    return wanted < room ? wanted : room;
}

int main(int argc, char **argv)
{
    static struct bench_log log;
    struct middle middle;
    char log_id[40];
    bench_must(sodium_init() >= 0, "no libsodium");
    uint64_t began_us = clock_monotonic_us();
    bench_log_make(&log, wanted_bytes(argc, argv));
    double bytes = (double)log_file_len(log.file);
    uint64_t last_seq = log_file_tail(log.file)->seq;
    snprintf(log_id, sizeof log_id, "%s", log_file_tail(log.file)->log_id);
    printf("events.log: %.0f MB, %llu lines, made in %.0f s\n\n", bytes / 1e6, (unsigned long long)last_seq,
           (double)(clock_monotonic_us() - began_us) / 1e6);
    log_file_close(&log.file);
    measure_starts(log.dir);
    bench_seek_drop_index(log.dir, "events.log");
    bench_seek("seeks, warm, no index", log.dir, log_id, last_seq);
    bench_seek_make_index(log.dir, "events.log");
    bench_seek("seeks, warm", log.dir, log_id, last_seq);
    middle_start_broker_on(&middle, "batch", log.dir);
    void *zmq = zmq_ctx_new();
    measure_sessions(&middle, zmq);
    measure_replay(log.dir, &middle, zmq, bytes, last_seq);
    zmq_ctx_term(zmq);
    bench_must(server_stop(&middle.server, NULL), "the broker did not end well");
    bench_log_remove(&log);
    return 0;
}
