/* What a spool costs a producer: small events by the library's appender, with and without a spool, with the broker there
 * and away. "Taken": tocsin_append has returned; "settled": the broker has acknowledged, all of it at the end.
 *
 *   bench_spool [EVENTS]       (default 300000 for each row; a twentieth where each event is synced) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/tocsin_append.h"
#include "tests/bench/bench_middle.h"

#define WAIT_MS 60000

static void must(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "bench_spool: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void append_all(struct tocsin_appender *appender, unsigned count)
{
    static const char summary[] =
        "Session a8f2c9 of 192.0.2.17 has been answered after 2.4 s, codec PCMA, by trunk north-2";
    struct tocsin_event *event = tocsin_event_new();
    must(event != NULL, "out of memory");
    for (unsigned i = 0; i < count; i++) {
        tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BenchEvent", "SessionAnswered", "sip-1", summary);
        tocsin_event_set_time_now(event);
        tocsin_event_map_begin(event, 2);
        tocsin_event_key(event, "number");
        tocsin_event_uint(event, i);
        tocsin_event_key(event, "callId");
        tocsin_event_str(event, "5bb74f94-5e1c-41a1-9f7e-9e6c4f31d2a6@192.0.2.17");
        must(tocsin_append(appender, event, NULL) == 0, "append");
    }
    tocsin_event_free(&event);
}

/* `append`: where the broker is, or nobody. */
static void print_row(const char *what, const struct server *server, const char *append, bool has_spool,
                      bool syncs_each, unsigned count)
{
    char dir[160];
    snprintf(dir, sizeof dir, "%s/spool-%d-%d", server->dir, append != NULL, syncs_each);
    struct tocsin_appender *appender;
    struct tocsin_appender_options options = {
        .producer = has_spool ? syncs_each ? "each" : "group" : "memory",
        .append = append ? append : "tcp://127.0.0.1:1",
        .send_timeout_ms = WAIT_MS,
        .close_timeout_ms = TOCSIN_NOWAIT,
        .spool_dir = has_spool ? dir : NULL,
        .spool_bytes = 1 << 30,
        .spool_syncs_each = syncs_each,
    };
    must(tocsin_appender_open(&appender, &options) == 0, "open");
    double start_s = now_s();
    append_all(appender, count);
    double taken_s = now_s() - start_s;
    printf("%-48s %12.0f", what, count / taken_s);
    if (append) {
        must(tocsin_appender_flush(appender, WAIT_MS) == 0, "flush");
        printf(" %12.0f", count / (now_s() - start_s));
    }
    printf("\n");
    fflush(stdout);
    tocsin_appender_close(&appender, NULL);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 300000;
    struct middle middle;
    middle_start_broker(&middle, "batch");
    const char *append = middle.append;
    printf("events of about 270 bytes a second, one program, one thread\n\n%-48s %12s %12s\n", "", "taken", "settled");
    print_row("no spool", &middle.server, append, false, false, count);
    print_row("spool", &middle.server, append, true, false, count);
    print_row("spool, the broker is away", &middle.server, NULL, true, false, count);
    print_row("spool, each event synced", &middle.server, append, true, true, count / 20);
    print_row("spool, each event synced, the broker is away", &middle.server, NULL, true, true, count / 20);
    must(server_stop(&middle.server, NULL), "the broker did not end well");
    return 0;
}
