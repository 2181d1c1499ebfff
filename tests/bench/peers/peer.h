/* A way from a producer to a consumer, to be measured beside others: tocsind, or what people use in its place. Each is
 * a setting of a server, which is a process of its own, and that server's table of functions. All end the program when
 * they cannot go on: this is a benchmark, and a figure from half a system would be a lie. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/server.h"

/* At the end of every event's summary: when it was due, in nanoseconds of CLOCK_MONOTONIC, as 16 hex digits. */
#define STAMP_LEN 16u

#define PEER_CATEGORY "BenchEvent"
#define PEER_SOURCE   "source-%05u"
#define PEER_TOPIC    PEER_CATEGORY "/" PEER_SOURCE

struct peer_event {
    unsigned topic;
    char name[32]; /* of the topic, "BenchEvent/source-00001" */
    uint8_t *data; /* within `frame`: MessagePack of an event; its last STAMP_LEN bytes are the stamp */
    size_t len;
    uint8_t *frame; /* the topic's name, NUL, and the event: for those who send them in one */
    size_t frame_len;
};

/* Where a consumer's events go. */
struct sink {
    _Atomic uint64_t received;
    /* NULL: only counted. `stamp` has STAMP_LEN bytes; called from the consumer's thread */
    void (*on_event)(void *context, const char *stamp);
    void *context;
};

/* Counts one, and passes it on: for those who write a peer. */
static inline void sink_take(struct sink *sink, const void *data, size_t len)
{
    if (sink->on_event && len >= STAMP_LEN)
        sink->on_event(sink->context, (const char *)data + len - STAMP_LEN);
    atomic_fetch_add_explicit(&sink->received, 1, memory_order_release);
}

/* Which topics a consumer wants: first … first + count - 1; count 0: all. */
struct topic_range {
    unsigned first;
    unsigned count;
};

struct peer;

/* How a server is used, whatever its setting. */
struct peer_way {
    const char *program; /* that must be there, from a Debian package; NULL: none */
    /* what it returns begins with the struct server */
    void *(*start)(const struct peer *peer);
    void *(*open_producer)(void *started);
    /* may collect; waits where the server is behind with confirming */
    void (*publish)(void *producer, const struct peer_event *event);
    void (*flush)(void *producer);
    void (*close_producer)(void *producer);
    /* the sink is fed by another thread until the consumer is closed */
    void *(*open_consumer)(void *started, struct topic_range topics, struct sink *sink);
    void (*close_consumer)(void *consumer);
    void (*stop)(void *started);
};

struct peer {
    const char *name;
    const char *how;  /* its setting, … */
    int setting;      /* … and what that is to its way */
    bool has_filters; /* can sort out by topic for a consumer */
    const struct peer_way *way;
};

/* A peer that is measured by what it acknowledges. */
struct keeper {
    const struct peer *peer;
    bool (*can_run)(void); /* whether the program is new enough; NULL: every one is */
    bool needs_consumer;   /* keeps nothing of what nobody reads */
};

/* All there are, ended by NULL and by one without a peer: which were built depends on the libraries that were there. */
extern const struct peer *const peers[];
extern const struct keeper keepers[];

/* Whether its program is on this machine. */
bool peer_exists(const struct peer *peer);

/* Whether one of `wanted` is part of its name or setting, or none is named. */
bool peer_is_wanted(const struct peer *peer, char *const *wanted, int count);

/* Whether the nats-server of this machine can sync each commit. */
bool peer_nats_can_sync(void);

/* Runs `words` as the server, which was prepared, and waits until it takes connections; else ends the program. */
void peer_serve(const char *peer, struct server *server, const char *const *words);

/* A consumer's thread, which reads until it is to stop. */
struct reader {
    pthread_t thread;
    atomic_bool must_stop;
};

void reader_start(struct reader *reader, const char *peer, void *(*read)(void *), void *consumer);
void reader_stop(struct reader *reader);

static inline bool reader_goes_on(const struct reader *reader)
{
    return !atomic_load_explicit(&reader->must_stop, memory_order_relaxed);
}

/* Ends the program with this complaint unless `is_well`. */
void peer_check(bool is_well, const char *peer, const char *what);

/* Ends the program: `what` failed, and why. */
_Noreturn void peer_fail(const char *peer, const char *what, const char *why);

/* calloc that does not fail. */
void *peer_new(size_t size);

#endif
