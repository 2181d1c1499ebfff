/* Durable, acknowledged events a second beside the ceiling that the same disk sets in the same run.
 *
 * The ceiling: the same lines as the broker's, already made, written and synced by fdatasync, as many at a time as all
 * producers together have under way: what a journal would reach that had no work but this. A disk that is not alone has
 * moods of seconds, so the two take turns of a fifth of a second, and medians are told. Producers are DEALER sockets of one thread that puts B
 * events in a message; "one": the next is sent when the last is acknowledged; "two": while one is on the disk the next is on
 * its way.
 *
 *   bench_append [SECONDS [FILE]]       (default 4 for each figure)
 *
 * FILE gets the rows once more, with tabs between: producers, events a put, puts ahead, ceiling, rate, share, processor time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/wire.h"
#include "tests/bench/bench_middle.h"
#include "tests/bench/bench_stream_log.h"

#define PRODUCERS_MAX 64u
#define SLICE_S       0.2
#define SLICES_MAX    500u
#define N_AT          6 /* behind 93 a3 "put" cf */
#define PATIENCE_MS   10000

struct producer {
    void *socket;
    uint64_t next_n;
    uint64_t acked_n;
};

struct load {
    void *zmq;
    struct producer producers[PRODUCERS_MAX];
    unsigned producer_count;
    unsigned batch_events;
    unsigned batches_ahead;
    struct text put; /* with room for n */
    uint64_t acked;
    bool is_draining; /* nothing more is put */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the ceiling --- */

/* Lines as the broker writes them, of events that a producer has put. */
static void make_lines(struct bench_log *log, struct text *lines, unsigned count)
{
    struct event event;
    batch_begin(&log->batch, true);
    for (unsigned i = 0; i < count; i++) {
        bench_must(event_view(text_span(&log->events[i % BENCH_LOG_SOURCES]), &event), "an event");
        bench_must(batch_add(&log->batch, &event, 1795255173412671 + i, span_of_str("producer-00"), 1000000 + i),
                   "out of memory");
    }
    text_clear(lines);
    text_put(lines, log->batch.lines.data, log->batch.lines.len);
    bench_must(!lines->failed, "out of memory");
}

struct ceiling {
    int fd;
    const struct text *lines;
    unsigned count;
    double rate; /* events a second */
};

/* In a thread of its own, as the journal is: who also does a client's work is woken later when the disk is done. */
static void *write_and_sync(void *arg)
{
    struct ceiling *ceiling = arg;
    uint64_t written = 0;
    double start_s = now_s(), s;
    do {
        size_t len = ceiling->lines->len;
        bench_must(write(ceiling->fd, ceiling->lines->data, len) == (ssize_t)len && fdatasync(ceiling->fd) == 0,
                   "the ceiling");
        written += ceiling->count;
        s = now_s() - start_s;
    } while (s < SLICE_S);
    ceiling->rate = (double)written / s;
    return NULL;
}

static double run_ceiling(struct ceiling *ceiling)
{
    pthread_t thread;
    bench_must(pthread_create(&thread, NULL, write_and_sync, ceiling) == 0, "a thread");
    pthread_join(thread, NULL);
    return ceiling->rate;
}

/* --- the broker --- */

static void compose_put(struct load *load, const struct bench_log *log)
{
    text_clear(&load->put);
    wire_write_array(&load->put, 3);
    wire_write_str(&load->put, span_of_str("put"));
    wire_write_uint(&load->put, UINT64_MAX); /* the longest one; n is written over it */
    wire_write_array(&load->put, load->batch_events);
    for (unsigned i = 0; i < load->batch_events; i++)
        text_put(&load->put, log->events[i % BENCH_LOG_SOURCES].data, log->events[i % BENCH_LOG_SOURCES].len);
    bench_must(!load->put.failed, "out of memory");
}

static void send_put(struct load *load, struct producer *producer)
{
    for (unsigned i = 0; i < 8; i++)
        load->put.data[N_AT + i] = (char)(producer->next_n >> (56 - 8 * i));
    bench_must(zmq_send(producer->socket, load->put.data, load->put.len, 0) >= 0, "send");
    producer->next_n += load->batch_events;
}

static void say_hello(struct producer *producer, unsigned number)
{
    char name[16];
    struct text out;
    snprintf(name, sizeof name, "producer-%02u", number % 100);
    text_init(&out);
    wire_write_array(&out, 4);
    wire_write_str(&out, span_of_str("hello"));
    wire_write_uint(&out, 1);
    wire_write_str(&out, span_of_str(name));
    wire_write_uint(&out, 1);
    bench_must(zmq_send(producer->socket, out.data, out.len, 0) >= 0, "hello");
    text_fini(&out);
    producer->next_n = 1;
}

static void fill(struct load *load, struct producer *producer)
{
    while (!load->is_draining &&
           producer->next_n - 1 - producer->acked_n < (uint64_t)load->batches_ahead * load->batch_events)
        send_put(load, producer);
}

/* Takes one message; true when there was one. */
static bool take(struct load *load, struct producer *producer)
{
    char message[512];
    int len = zmq_recv(producer->socket, message, sizeof message, ZMQ_DONTWAIT);
    if (len < 0)
        return false;
    struct wire_reader reader = wire_reader_of(span_of(message, (size_t)len));
    uint32_t count;
    struct span verb = {NULL, 0};
    uint64_t n = 0;
    bench_must(wire_read_array(&reader, &count) && wire_read_str(&reader, &verb), "an answer");
    bench_must(span_is(verb, "welcome") || (span_is(verb, "ack") && wire_read_uint(&reader, &n)), "not an ack");
    if (n > producer->acked_n) {
        load->acked += n - producer->acked_n;
        producer->acked_n = n;
    }
    fill(load, producer);
    return true;
}

static bool is_settled(const struct load *load)
{
    for (unsigned i = 0; i < load->producer_count; i++) {
        if (load->producers[i].acked_n + 1 < load->producers[i].next_n)
            return false;
    }
    return true;
}

/* Returns events a second, from the first put to the last acknowledgement. */
static double run_broker(struct load *load)
{
    zmq_pollitem_t items[PRODUCERS_MAX];
    uint64_t before = load->acked;
    double start_s = now_s(), s = 0;
    load->is_draining = false;
    for (unsigned i = 0; i < load->producer_count; i++) {
        items[i] = (zmq_pollitem_t){.socket = load->producers[i].socket, .events = ZMQ_POLLIN};
        fill(load, &load->producers[i]);
    }
    while (s < SLICE_S || !is_settled(load)) {
        bench_must(zmq_poll(items, (int)load->producer_count, PATIENCE_MS) > 0, "no answer");
        for (unsigned i = 0; i < load->producer_count; i++) {
            while (items[i].revents && take(load, &load->producers[i]))
                continue;
        }
        s = now_s() - start_s;
        load->is_draining = s >= SLICE_S;
    }
    return (double)(load->acked - before) / s;
}

static void connect_all(struct load *load, const struct middle *middle)
{
    static const int none = 0;
    load->zmq = zmq_ctx_new();
    for (unsigned i = 0; i < load->producer_count; i++) {
        struct producer *producer = &load->producers[i];
        *producer = (struct producer){.socket = zmq_socket(load->zmq, ZMQ_DEALER)};
        bench_must(producer->socket && zmq_setsockopt(producer->socket, ZMQ_LINGER, &none, sizeof none) == 0 &&
                       zmq_connect(producer->socket, middle->append) == 0,
                   "connect");
        say_hello(producer, i);
        while (zmq_poll(&(zmq_pollitem_t){.socket = producer->socket, .events = ZMQ_POLLIN}, 1, PATIENCE_MS) > 0 &&
               take(load, producer))
            break; /* the welcome */
    }
}

struct figures {
    double ceiling[SLICES_MAX];
    double rate[SLICES_MAX];
    double share[SLICES_MAX];
    double cpu_us; /* of the broker for each event */
};

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static void measure(struct load *load, const struct text *lines, unsigned slices, struct figures *figures)
{
    struct middle middle;
    char path[200];
    middle_start_broker(&middle, "batch");
    snprintf(path, sizeof path, "%s/ceiling", middle.server.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bench_must(fd >= 0, path);
    load->is_draining = true;
    connect_all(load, &middle);
    struct ceiling ceiling = {.fd = fd, .lines = lines, .count = load->producer_count * load->batch_events};
    run_broker(load); /* a warm-up */
    run_ceiling(&ceiling);
    uint64_t before = load->acked;
    double cpu_s = server_usage(&middle.server).cpu_s;
    for (unsigned i = 0; i < slices; i++) {
        figures->ceiling[i] = run_ceiling(&ceiling);
        figures->rate[i] = run_broker(load);
        figures->share[i] = figures->rate[i] / figures->ceiling[i];
    }
    figures->cpu_us = (server_usage(&middle.server).cpu_s - cpu_s) * 1e6 / (double)(load->acked - before);
    for (unsigned i = 0; i < load->producer_count; i++)
        zmq_close(load->producers[i].socket);
    zmq_ctx_term(load->zmq);
    close(fd);
    bench_must(server_stop(&middle.server, NULL), "the broker did not end well");
}

/* --- the table --- */

static void print_row(struct bench_log *log, unsigned producers, unsigned batch_events, unsigned slices, FILE *rows)
{
    static struct figures figures;
    struct text lines;
    text_init(&lines);
    make_lines(log, &lines, producers * batch_events);
    printf("%9u %8u", producers, batch_events);
    for (unsigned ahead = 1; ahead <= 2; ahead++) {
        struct load load = {.producer_count = producers, .batch_events = batch_events, .batches_ahead = ahead};
        text_init(&load.put);
        compose_put(&load, log);
        measure(&load, &lines, slices, &figures);
        double ceiling = median(figures.ceiling, slices);
        double rate = median(figures.rate, slices);
        double share = median(figures.share, slices);
        printf("   %8.1f %8.1f %5.0f %% %6.2f us", ceiling / 1000, rate / 1000, 100 * share, figures.cpu_us);
        if (rows)
            fprintf(rows, "%u\t%u\t%u\t%.0f\t%.0f\t%.3f\t%.2f\n", producers, batch_events, ahead, ceiling, rate, share,
                    figures.cpu_us);
        fflush(NULL);
        text_fini(&load.put);
    }
    printf("\n");
    text_fini(&lines);
}

int main(int argc, char **argv)
{
    static const unsigned producers[] = {1, PRODUCERS_MAX};
    static const unsigned batches[] = {1, 16, 256};
    static struct bench_log log;
    double duration_s = argc > 1 ? atof(argv[1]) : 4;
    FILE *rows = argc > 2 ? fopen(argv[2], "w") : NULL;
    unsigned slices = duration_s > 2 * SLICE_S ? (unsigned)(duration_s / SLICE_S / 2) : 1;
    slices = slices < SLICES_MAX ? slices : SLICES_MAX;
    bench_must(sodium_init() >= 0, "no libsodium");
    bench_log_make(&log, 1);
    printf("thousand durable acknowledged events of %u bytes a second, as a share of what the disk does with the same\n"
           "lines when nothing else is done, and the broker's processor time for each event\n\n",
           BENCH_LOG_EVENT_LEN);
    printf("%9s %8s   %-36s   %s\n", "", "events", "one put at a time", "two");
    printf("%9s %8s   %8s %8s %7s %9s   %8s %8s %7s %9s\n", "producers", "a put", "ceiling", "tocsind", "share", "cpu",
           "ceiling", "tocsind", "share", "cpu");
    for (size_t i = 0; i < sizeof producers / sizeof *producers; i++) {
        for (size_t k = 0; k < sizeof batches / sizeof *batches; k++)
            print_row(&log, producers[i], batches[k], slices, rows);
    }
    if (rows)
        fclose(rows);
    bench_log_remove(&log);
    return 0;
}
