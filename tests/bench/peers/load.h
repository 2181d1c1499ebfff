/* What is sent to each peer: events of one size over so many topics, from so many producers to so many consumers. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "tests/bench/peers/peer.h"

struct load {
    const char *name;
    unsigned event_len; /* bytes of MessagePack */
    unsigned topics;
    unsigned producers;
    unsigned consumers;
    unsigned
        filters; /* topics that a consumer asks for by name, the first ones, which are all that is sent; 0: everything */
};

/* Events of a load, one a topic, in order; freed by events_free. */
struct peer_event *events_new(const struct load *load);
void events_free(struct peer_event *events, unsigned count);

/* Notes in the event when it was due. */
void event_stamp(struct peer_event *event, uint64_t due_ns);
uint64_t stamp_ns(const char *stamp);

/* CLOCK_MONOTONIC. */
uint64_t clock_ns(void);

/* A peer with everything connected, through which events have been seen to pass. */
struct load_line {
    const struct peer *peer;
    const struct load *load;
    void *started;
    void **producers;
    void **consumers;
    struct sink *sinks;
    struct peer_event *events;
    unsigned next; /* event and producer that are the next's turn */
    uint64_t sent; /* since it was opened */
};

/* Starts the peer and connects all ends; `sink` is copied for each consumer. */
void line_open(struct load_line *line, const struct peer *peer, const struct load *load, struct sink sink);

/* Sends the next event, from the next producer. */
void line_send(struct load_line *line);

/* What has arrived at the consumer that is furthest behind. */
uint64_t line_received(const struct load_line *line);

/* Flushes all producers and waits, at most ten seconds, until all has arrived; false when something never did. */
bool line_drain(struct load_line *line);

void line_close(struct load_line *line);

#endif
