/* The thread at the sockets: takes frames from producers, judges their events, hands them to the journal, and publishes
 * what the journal has settled. It never waits for a disk. It ends when the journal has ended. */
#ifndef BROKER_FRONT_H
#define BROKER_FRONT_H

#include "broker/access_gate.h"
#include "broker/denials.h"
#include "broker/doors.h"
#include "broker/health.h"
#include "broker/producers.h"
#include "broker/ring.h"
#include "broker/shares.h"
#include "broker/stats.h"
#include "broker/taken.h"

struct front;

/* All is borrowed until front_free; the sockets are the thread's own from front_start to front_join. */
struct front_options {
    const char *name;   /* the broker's */
    const char *log_id; /* for the heartbeat */
    uint64_t head_seq;  /* last seq of the log as it was found */
    uint64_t max_event_bytes;
    uint64_t seed;          /* for hashes: a number that nobody knows */
    uint64_t append_window; /* events */
    uint64_t max_producers;
    struct shares_options shares;
    const struct producers *producers; /* as the log was found; read by front_new only */
    struct door *ingest;
    struct door *append;
    struct door *live;
    struct door *realms; /* live doors that carry a part */
    size_t realm_count;
    struct access_gate *gate; /* NULL: no door is guarded */
    struct denials *denials;
    struct taken *taken;   /* is told what was read */
    struct ring *admitted; /* out: struct admitted */
    struct ring *settled;  /* in: struct settled */
    struct stats *stats;
    struct health *health;
};

/* NULL when out of memory. */
struct front *front_new(const struct front_options *options);
void front_free(struct front **front);

/* Starts the thread; TOCSIN_E_NOMEM when there can be none. */
int front_start(struct front *front);

/* From any thread: take what producers have sent, then nothing more, and tell the journal to end. */
void front_stop(struct front *front);

/* From any thread: look whether there is something new, as another access table. */
void front_wake(struct front *front);

/* Waits for the thread's end. */
void front_join(struct front *front);

/* After that: events that were taken and did not reach the ring to the journal, which had ended. */
uint64_t front_count_unwritten(const struct front *front);

#endif
