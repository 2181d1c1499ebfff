/* Events from end to end: a raw publisher, what stands in the middle, a raw subscriber, on this machine's loopback.
 *
 * The publisher sends as fast as what it sent comes back (a window, so that nothing is dropped), each event of 350
 * bytes. tocsind checks, logs and republishes every one; the forwarder passes frames on and is the measure of what
 * ZeroMQ leaves. "One topic": the broker may put records that follow each other into one frame; "16 topics", in turn:
 * it never can.
 *
 *   bench_broker [SECONDS]       (default 3 for each figure) */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "proto/wire.h"
#include "tests/bench/bench_middle.h"

#define EVENT_LEN     350u
#define FRAME_LEN_MAX 65536u
#define FRAME_EVENTS  (FRAME_LEN_MAX / EVENT_LEN)
#define TOPICS        16u
#define WINDOW_EVENTS 32768u /* far below MIDDLE_HWM_FRAMES: a pipe of ZeroMQ may be full at half of that */
#define WARM_UP_S     0.5
#define LAST_S        5

struct load {
    void *zmq;
    void *publisher;
    void *subscriber;
    unsigned events_in_frame;
    unsigned topics;
    bool has_topics; /* frames come with a topic before them, and records instead of events */
    atomic_bool must_stop;
    _Atomic uint64_t sent;
    _Atomic uint64_t received;
};

static void check(bool is_well, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(errno));
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_us(long us)
{
    struct timespec pause = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

static void put(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* Every event has EVENT_LEN bytes: the summary fills up what is missing. */
static void put_event(struct text *out, unsigned topic)
{
    char source[16];
    char filler[EVENT_LEN];
    snprintf(source, sizeof source, "source-%02u", topic % 100);
    memset(filler, 'x', sizeof filler);
    size_t summary_len = 200; /* its head has two bytes then, as with what is put in its place */
    for (int turn = 0; turn < 2; turn++) {
        size_t start = out->len;
        wire_write_map(out, 7);
        put(out, "time", "2026-11-21T09:30:00.125+09:00");
        put(out, "level", "Info");
        put(out, "category", "BenchEvent");
        put(out, "type", "Passed");
        put(out, "sourceId", source);
        wire_write_str(out, span_of_str("snapshot"));
        wire_write_map(out, 1);
        wire_write_str(out, span_of_str("number"));
        wire_write_uint(out, 1234567);
        wire_write_str(out, span_of_str("summary"));
        wire_write_str(out, span_of(filler, summary_len));
        if (turn == 0) {
            summary_len = summary_len + EVENT_LEN - (out->len - start);
            out->len = start;
        }
    }
}

static void *publish(void *arg)
{
    struct load *load = arg;
    struct text frames; /* one behind the other, all of the same length */
    text_init(&frames);
    unsigned frame_count = load->events_in_frame == 1 ? load->topics : 1;
    for (unsigned i = 0; i < frame_count * load->events_in_frame; i++)
        put_event(&frames, i % load->topics);
    check(!frames.failed && frames.len == (size_t)frame_count * load->events_in_frame * EVENT_LEN, "events");
    size_t frame_len = frames.len / frame_count;
    for (unsigned i = 0; !atomic_load_explicit(&load->must_stop, memory_order_relaxed); i = (i + 1) % frame_count) {
        while (atomic_load(&load->sent) - atomic_load(&load->received) > WINDOW_EVENTS &&
               !atomic_load(&load->must_stop))
            pause_us(20);
        check(zmq_send(load->publisher, frames.data + i * frame_len, frame_len, 0) >= 0, "send");
        atomic_fetch_add(&load->sent, load->events_in_frame);
    }
    text_fini(&frames);
    return NULL;
}

static unsigned count_values(const struct load *load, struct span frame)
{
    unsigned count = 0;
    if (load->has_topics) {
        const uint8_t *nul = memchr(frame.data, '\0', frame.len);
        frame = nul ? span_of(nul + 1, frame.len - (size_t)(nul + 1 - frame.data)) : span_of("", 0);
    }
    struct wire_reader reader = wire_reader_of(frame);
    while (wire_skip(&reader))
        count++;
    return count;
}

static void *receive(void *arg)
{
    struct load *load = arg;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (!atomic_load_explicit(&load->must_stop, memory_order_relaxed) ||
           atomic_load(&load->received) < atomic_load(&load->sent)) {
        if (zmq_msg_recv(&message, load->subscriber, 0) < 0) {
            if (atomic_load(&load->must_stop))
                break; /* LAST_S have passed without a frame */
            continue;
        }
        struct span frame = span_of(zmq_msg_data(&message), zmq_msg_size(&message));
        atomic_fetch_add(&load->received, count_values(load, frame));
    }
    zmq_msg_close(&message);
    return NULL;
}

/* Connects both ends, and returns when what is published arrives. */
static void join(struct load *load, const struct middle *middle)
{
    static const int none = 0;
    static const int timeout_ms = 10;
    static const int last_ms = LAST_S * 1000;
    char byte;
    load->zmq = zmq_ctx_new();
    zmq_ctx_set(load->zmq, ZMQ_IO_THREADS, 2);
    load->publisher = zmq_socket(load->zmq, ZMQ_XPUB);
    load->subscriber = zmq_socket(load->zmq, ZMQ_SUB);
    zmq_setsockopt(load->publisher, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt(load->publisher, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(load->subscriber, ZMQ_RCVHWM, &none, sizeof none);
    zmq_setsockopt(load->subscriber, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    zmq_setsockopt(load->subscriber, ZMQ_SUBSCRIBE, "BenchEvent/", load->has_topics ? 11 : 0);
    check(zmq_connect(load->publisher, middle->ingest) == 0 && zmq_connect(load->subscriber, middle->live) == 0,
          "connect");
    check(zmq_recv(load->publisher, &byte, 1, 0) >= 0, "the subscription of the middle");
    struct text event;
    text_init(&event);
    put_event(&event, 0);
    do
        zmq_send(load->publisher, event.data, event.len, 0);
    while (zmq_recv(load->subscriber, &byte, 1, 0) < 0);
    while (zmq_recv(load->subscriber, &byte, 1, 0) >= 0)
        continue; /* probes that were still on their way */
    text_fini(&event);
    zmq_setsockopt(load->subscriber, ZMQ_RCVTIMEO, &last_ms, sizeof last_ms);
}

struct figures {
    double rate;   /* events a second from end to end */
    double cpu_us; /* processor time of the middle for each event */
};

static struct figures measure(struct middle *middle, bool has_topics, unsigned events_in_frame, unsigned topics,
                              double duration_s)
{
    struct load load = {.has_topics = has_topics, .events_in_frame = events_in_frame, .topics = topics};
    struct figures figures;
    pthread_t threads[2];
    join(&load, middle);
    check(pthread_create(&threads[0], NULL, publish, &load) == 0 &&
              pthread_create(&threads[1], NULL, receive, &load) == 0,
          "threads");
    pause_us((long)(WARM_UP_S * 1e6));
    uint64_t count = atomic_load(&load.received);
    double start_s = now_s();
    pause_us((long)(duration_s * 1e6));
    count = atomic_load(&load.received) - count;
    figures.rate = (double)count / (now_s() - start_s);
    atomic_store(&load.must_stop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    if (load.received != load.sent)
        printf("(%llu of %llu events were lost) ", (unsigned long long)(load.sent - load.received),
               (unsigned long long)load.sent);
    zmq_close(load.publisher);
    zmq_close(load.subscriber);
    zmq_ctx_term(load.zmq);
    check(server_stop(&middle->server, &figures.cpu_us), "the middle did not end well");
    figures.cpu_us *= 1e6 / (double)load.received;
    return figures;
}

static const struct {
    unsigned events_in_frame;
    unsigned topics;
} columns[] = {{1, 1}, {1, TOPICS}, {FRAME_EVENTS, 1}, {FRAME_EVENTS, TOPICS}};

#define COLUMN_COUNT (sizeof columns / sizeof *columns)

/* `sync` NULL: the forwarder, whose rates are kept in `plain` */
static void print_row(const char *sync, double plain[COLUMN_COUNT], double duration_s)
{
    printf("%-7s %-12s", sync ? "tocsind" : "plain", sync ? sync : "forwarder");
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        struct middle middle;
        if (sync)
            middle_start_broker(&middle, sync);
        else
            middle_start_forwarder(&middle);
        struct figures figures =
            measure(&middle, sync != NULL, columns[i].events_in_frame, columns[i].topics, duration_s);
        if (!sync)
            plain[i] = figures.rate;
        printf("  %6.0f %4.2f %5.2f us", figures.rate / 1000, figures.rate / plain[i], figures.cpu_us);
        fflush(stdout);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static const char *const rows[] = {NULL, "none", "interval=100", "batch"};
    double plain[COLUMN_COUNT] = {0};
    double duration_s = argc > 1 ? atof(argv[1]) : 3;
    printf(
        "thousand events a second of %u bytes from publisher to subscriber, the same as a share of the forwarder's,\n"
        "and the processor time of what stands between them for each event\n",
        EVENT_LEN);
    printf("%-20s  %-42s  %-42s\n", "", "one event a frame", "64 KiB frames");
    printf("%-20s  %-20s  %-20s  %-20s  %-20s\n", "", "one topic", "16 topics", "one topic", "16 topics");
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        print_row(rows[row], plain, duration_s);
    return 0;
}
