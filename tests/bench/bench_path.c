/* What an event of 350 bytes costs on its path: instructions (counted by callgrind, so the machine's noise does not
 * matter), time (on this machine, now) and allocations, beside the way that most programs would take.
 *
 *   bench_path                    the whole table
 *   bench_path WAY COUNT          only runs: what callgrind is pointed at */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/admitted.h"
#include "broker/batch.h"
#include "broker/clock.h"
#include "broker/ring.h"
#include "proto/json.h"
#include "proto/wire.h"
#include "tests/bench/bench_jansson.h"
#include "tests/bench/median.h"

#define EVENT_LEN       350
#define WINDOWS         255
#define WINDOW_EVENTS   10000
#define COUNTED_EVENTS  4000
#define WARM_UP_EVENTS  100
#define EVENTS_IN_BATCH 1000
#define TEXT_LEN        65536

/* glibc's own, so that the program's may count: those of the libraries too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static unsigned long allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}

struct path {
    struct span event;
    struct event_judge *judge;
    struct text out;
    struct topics *topics;
    struct ring *ring;
    struct batch batch;
    uint64_t now_us;
};

static void put_member(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* A stream's event as OvenMediaEngine has it; the summary fills it up to EVENT_LEN. */
static void compose(struct text *out, size_t summary_len)
{
    char summary[EVENT_LEN] = "";
    memset(summary, 'x', summary_len);
    wire_write_map(out, 7);
    put_member(out, "time", "2026-11-21T09:30:00.125+09:00");
    put_member(out, "level", "Info");
    put_member(out, "category", "StreamEvent");
    put_member(out, "type", "StreamCreated");
    put_member(out, "sourceId", "#default#app/camera-17");
    put_member(out, "summary", summary);
    wire_write_str(out, span_of_str("snapshot"));
    wire_write_map(out, 5);
    put_member(out, "codec", "H264");
    wire_write_str(out, span_of_str("bitrate"));
    wire_write_uint(out, 2500000);
    wire_write_str(out, span_of_str("framerate"));
    wire_write_double(out, 29.97);
    wire_write_str(out, span_of_str("bypass"));
    wire_write_bool(out, true);
    wire_write_str(out, span_of_str("tracks"));
    wire_write_array(out, 3);
    for (uint64_t id = 1; id <= 3; id++)
        wire_write_uint(out, id * 100);
}

static struct span sample(struct text *out)
{
    text_init(out);
    compose(out, 40);
    size_t summary_len = 40 + EVENT_LEN - out->len;
    text_clear(out);
    compose(out, summary_len);
    return text_span(out);
}

static void must(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "bench_path: %s\n", what);
    exit(1);
}

static void judge(struct path *path, struct event *event)
{
    struct refusal refusal;
    must(event_judge(path->judge, path->event, event, &refusal) == path->event.len && !refusal.code, "event refused");
}

static void run_check(struct path *path)
{
    struct event event;
    judge(path, &event);
}

static void run_text(struct path *path)
{
    struct event event;
    judge(path, &event);
    if (path->out.len > TEXT_LEN) /* one text behind the other, as in a batch: two fixed places may hinder each other */
        text_clear(&path->out);
    json_write_event(&path->out, &event);
}

/* Everything between the sockets but the disk: check, ring, stamp, line, hash, frame. */
static void run_path(struct path *path)
{
    struct event event;
    judge(path, &event);
    void *message = ring_reserve(path->ring, admitted_size(&event, NULL));
    must(message != NULL, "ring full");
    admitted_put(message, &event, NULL, path->now_us);
    ring_commit(path->ring, admitted_size(&event, NULL));
    ring_flush(path->ring);
    size_t len;
    const struct admitted *admitted = ring_next(path->ring, &len);
    struct span producer;
    admitted_view(admitted, &event, &producer);
    if (path->batch.event_count == EVENTS_IN_BATCH)
        batch_begin(&path->batch, true);
    must(batch_add(&path->batch, &event, ++path->now_us, producer, 0), "out of memory");
    ring_release(path->ring);
}

static void run_jansson(struct path *path)
{
    must(bench_jansson_way(path->event) > 0, "event refused");
}

struct way {
    const char *name;
    const char *what;
    void (*run)(struct path *path);
};

static const struct way ways[] = {
    {"check", "check", run_check},
    {"text", "check + text", run_text},
    {"path", "check, ring, stamp, line, hash, frame", run_path},
    {"jansson", "the usual way: msgpack-c + jansson", run_jansson},
};
#define WAY_COUNT (sizeof ways / sizeof *ways)

static struct timed {
    double ns[WINDOWS];    /* an event */
    double times[WINDOWS]; /* as many of these the usual way takes, in the same turn */
    unsigned long allocations;
} timed[WAY_COUNT];

static void run(struct path *path, const struct way *way, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++)
        way->run(path);
}

/* Instructions of a whole run under callgrind; 0 when there is no valgrind. */
static double count_instructions(const char *self, const char *way, unsigned long count)
{
    char command[1200];
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null '%s' %s %lu 2>&1 >/dev/null", self, way, count);
    FILE *output = popen(command, "r");
    if (!output)
        return 0;
    char line[300];
    double instructions = 0;
    while (fgets(line, sizeof line, output)) {
        const char *collected = strstr(line, "Collected : ");
        if (collected)
            instructions = strtod(collected + strlen("Collected : "), NULL);
    }
    return pclose(output) == 0 ? instructions : 0;
}

/* The ways take turns, so that what the machine does besides slows all of them; the median of its windows is a way's, and
 * that of the ratios within a turn its ratio to the last one, the usual. */
static void time_ways(struct path *path)
{
    for (size_t i = 0; i < WAY_COUNT; i++)
        run(path, &ways[i], 2 * EVENTS_IN_BATCH); /* until every buffer has its size */
    for (size_t window = 0; window < WINDOWS; window++) {
        for (size_t i = 0; i < WAY_COUNT; i++) {
            unsigned long allocations_before = allocations;
            uint64_t began_us = clock_monotonic_us();
            run(path, &ways[i], WINDOW_EVENTS);
            timed[i].ns[window] = (double)(clock_monotonic_us() - began_us) * 1000 / WINDOW_EVENTS;
            timed[i].allocations += allocations - allocations_before;
        }
    }
    for (size_t i = 0; i < WAY_COUNT; i++) {
        for (size_t window = 0; window < WINDOWS; window++)
            timed[i].times[window] = timed[WAY_COUNT - 1].ns[window] / timed[i].ns[window];
    }
}

static void print_row(const struct way *way, struct timed *time, const char *self)
{
    double few = count_instructions(self, way->name, WARM_UP_EVENTS);
    double many = count_instructions(self, way->name, WARM_UP_EVENTS + COUNTED_EVENTS);
    printf("%-40s %12.0f %10.0f %10.1f %12.3f\n", way->what, (many - few) / COUNTED_EVENTS, median(time->ns, WINDOWS),
           median(time->times, WINDOWS), (double)time->allocations / WINDOWS / WINDOW_EVENTS);
}

static void open_path(struct path *path, struct text *event_bytes)
{
    static const uint8_t hash[CHAIN_HASH_LEN];
    *path = (struct path){.event = sample(event_bytes), .now_us = clock_wall_us()};
    path->judge = event_judge_new(TOCSIN_EVENT_BYTES_MAX, 1);
    path->topics = topics_new(1000000, 1);
    path->ring = ring_new(1 << 20);
    must(path->judge && path->topics && path->ring, "out of memory");
    text_init(&path->out);
    batch_init(&path->batch, path->topics, 1, 0, hash);
}

static void close_path(struct path *path)
{
    batch_fini(&path->batch);
    text_fini(&path->out);
    ring_free(&path->ring);
    topics_free(&path->topics);
    event_judge_free(&path->judge);
}

int main(int argc, char **argv)
{
    struct path path;
    struct text event_bytes;
    must(sodium_init() >= 0, "no libsodium"); /* it finds its fastest code then */
    open_path(&path, &event_bytes);
    if (argc == 3) {
        for (size_t i = 0; i < WAY_COUNT; i++) {
            if (strcmp(ways[i].name, argv[1]) == 0)
                run(&path, &ways[i], strtoul(argv[2], NULL, 10));
        }
    } else {
        char self[1000];
        ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
        must(len > 0, "no /proc");
        self[len] = '\0';
        printf("The path of an event of %zu bytes\n\n", path.event.len);
        printf("%-40s %12s %10s %10s %12s\n", "", "instructions", "ns", "usual / it", "allocations");
        time_ways(&path);
        for (size_t i = 0; i < WAY_COUNT; i++)
            print_row(&ways[i], &timed[i], self);
        printf(
            "\nAll figures for each event. Instructions by callgrind (0: no valgrind here); ns on this machine, now: "
            "the median\nof %d windows of %d events, in turns; usual / it: the median of the ratios within a turn.\n",
            WINDOWS, WINDOW_EVENTS);
    }
    close_path(&path);
    text_fini(&event_bytes);
    return 0;
}
