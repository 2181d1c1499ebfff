/* Acknowledged, durable events of 350 bytes a second, and how long a producer waits for the acknowledgements of what it
 * put: tocsind beside its peers at their safest settings and beside the disk alone, all by the C libraries of their
 * projects, a thread for each producer.
 *
 *   bench_append_peers [-s SECONDS] [-r PRODUCERSxEVENTS] [-o FILE] [PEER...]    (PEER: part of a name or setting; -r: one row)
 *
 * A producer puts a batch and waits until all of it is acknowledged, then the next: nothing is in flight meanwhile. Each
 * server is started once, for all rows. FILE gets the rows once more, with tabs between: producers, batch, peer, setting,
 * events/s, p50, p99, p99.9. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/child.h"
#include "tests/bench/histogram.h"
#include "tests/bench/peers/load.h"

#define PRODUCERS_MAX 64u
#define KEEPERS_MAX   16u

static const struct load one_topic = {"append", 350, 1, 1, 1, 0};

static struct shape {
    unsigned producers;
    unsigned batch;
} shapes[] = {{1, 1}, {1, 16}, {1, 256}, {PRODUCERS_MAX, 1}, {PRODUCERS_MAX, 16}, {PRODUCERS_MAX, 256}};

#define SHAPE_COUNT (sizeof shapes / sizeof *shapes)

static size_t shape_count = SHAPE_COUNT;

struct figures {
    double rate;
    struct histogram waits;
};

/* What all producers of a row share. Time counts from when each has had its first batch acknowledged. */
struct run {
    const struct peer *peer;
    const struct peer_event *event;
    unsigned batch;
    uint64_t duration_ns;
    pthread_barrier_t ready;
};

struct producer {
    struct run *run;
    void *handle;
    pthread_t thread;
    uint64_t acked;
    struct histogram waits;
};

static void put_batch(const struct run *run, void *handle)
{
    for (unsigned i = 0; i < run->batch; i++)
        run->peer->way->publish(handle, run->event);
    run->peer->way->flush(handle);
}

static void *put_batches(void *arg)
{
    struct producer *producer = arg;
    struct run *run = producer->run;
    put_batch(run, producer->handle);
    pthread_barrier_wait(&run->ready);
    uint64_t start_ns = clock_ns();
    uint64_t end_ns = start_ns + run->duration_ns;
    while (start_ns < end_ns) {
        put_batch(run, producer->handle);
        uint64_t now_ns = clock_ns();
        /* the last one counts as far as it lies within the time */
        producer->acked += now_ns <= end_ns ? run->batch : run->batch * (end_ns - start_ns) / (now_ns - start_ns);
        histogram_note(&producer->waits, now_ns - start_ns);
        start_ns = now_ns;
    }
    return NULL;
}

static void measure(const struct peer *peer, void *started, const struct peer_event *event, const struct shape *shape,
                    double duration_s, struct figures *figures)
{
    static struct producer producers[PRODUCERS_MAX];
    struct run run = {.peer = peer, .event = event, .batch = shape->batch, .duration_ns = (uint64_t)(duration_s * 1e9)};
    pthread_barrier_init(&run.ready, NULL, shape->producers);
    for (unsigned i = 0; i < shape->producers; i++)
        producers[i] = (struct producer){.run = &run, .handle = peer->way->open_producer(started)};
    for (unsigned i = 0; i < shape->producers; i++)
        peer_check(pthread_create(&producers[i].thread, NULL, put_batches, &producers[i]) == 0, "bench", "thread");
    for (unsigned i = 0; i < shape->producers; i++) {
        pthread_join(producers[i].thread, NULL);
        figures->rate += (double)producers[i].acked / duration_s;
        histogram_add(&figures->waits, &producers[i].waits);
        peer->way->close_producer(producers[i].handle);
    }
    pthread_barrier_destroy(&run.ready);
}

struct work {
    const struct keeper *keeper;
    double duration_s;
    struct figures figures[SHAPE_COUNT];
};

static void measure_all(void *shared)
{
    struct sink sink = {0};
    struct work *work = shared;
    const struct keeper *keeper = work->keeper;
    const struct peer *peer = keeper->peer;
    void *started = peer->way->start(peer);
    void *consumer =
        keeper->needs_consumer ? peer->way->open_consumer(started, (struct topic_range){0, 0}, &sink) : NULL;
    struct peer_event *event = events_new(&one_topic);
    for (size_t i = 0; i < shape_count; i++)
        measure(peer, started, event, &shapes[i], work->duration_s, &work->figures[i]);
    events_free(event, one_topic.topics);
    if (consumer)
        peer->way->close_consumer(consumer);
    peer->way->stop(started);
}

static void print_shape(const struct shape *shape, const struct peer *const *measured,
                        struct figures (*figures)[SHAPE_COUNT], size_t at, FILE *rows)
{
    printf("\n%u producer%s, %u event%s a put\n%-14s %-28s %10s %9s %9s %9s\n", shape->producers,
           shape->producers > 1 ? "s" : "", shape->batch, shape->batch > 1 ? "s" : "", "", "", "events/s", "p50 us",
           "p99 us", "p99.9 us");
    for (size_t i = 0; measured[i]; i++) {
        const struct figures *row = &figures[i][at];
        double p50_us = histogram_us(&row->waits, 0.5);
        double p99_us = histogram_us(&row->waits, 0.99);
        double p999_us = histogram_us(&row->waits, 0.999);
        printf("%-14s %-28s %10.0f %9.0f %9.0f %9.0f\n", measured[i]->name, measured[i]->how, row->rate, p50_us, p99_us,
               p999_us);
        if (rows)
            fprintf(rows, "%u\t%u\t%s\t%s\t%.0f\t%.0f\t%.0f\t%.0f\n", shape->producers, shape->batch, measured[i]->name,
                    measured[i]->how, row->rate, p50_us, p99_us, p999_us);
    }
}

/* The row that is asked for becomes the only one. */
static bool choose_shape(const char *text)
{
    struct shape shape;
    shape_count = 1;
    if (sscanf(text, "%ux%u", &shape.producers, &shape.batch) != 2 || shape.producers == 0 || shape.batch == 0 ||
        shape.producers > PRODUCERS_MAX)
        return false;
    shapes[0] = shape;
    return true;
}

int main(int argc, char **argv)
{
    static struct figures figures[KEEPERS_MAX][SHAPE_COUNT];
    const struct peer *measured[KEEPERS_MAX + 1] = {NULL};
    struct work *work = child_share(sizeof *work);
    size_t count = 0;
    double duration_s = 2;
    FILE *rows = NULL;
    for (int letter; (letter = getopt(argc, argv, "s:r:o:")) != -1;) {
        if (letter == 's')
            duration_s = strtod(optarg, NULL);
        else if (letter == 'r' && choose_shape(optarg))
            continue;
        else if (letter == 'o' && !rows)
            rows = fopen(optarg, "w");
        else
            return 2;
    }
    printf("events of 350 bytes: put, acknowledged, then the next\n");
    for (const struct keeper *keeper = keepers; keeper->peer && count < KEEPERS_MAX; keeper++) {
        if (!peer_is_wanted(keeper->peer, argv + optind, argc - optind) || !peer_exists(keeper->peer) ||
            (keeper->can_run && !keeper->can_run()))
            continue;
        *work = (struct work){.keeper = keeper, .duration_s = duration_s};
        if (!child_run(measure_all, work)) {
            printf("%-14s %-28s %10s\n", keeper->peer->name, keeper->peer->how, "failed");
            continue;
        }
        memcpy(figures[count], work->figures, sizeof work->figures);
        measured[count++] = keeper->peer;
    }
    for (size_t i = 0; i < shape_count; i++)
        print_shape(&shapes[i], measured, figures, i, rows);
    if (rows)
        fclose(rows);
    return 0;
}
