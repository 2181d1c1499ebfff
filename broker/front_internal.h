/* What the files of the front share. */
#ifndef BROKER_FRONT_INTERNAL_H
#define BROKER_FRONT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>

#include "broker/front.h"
#include "broker/log.h"
#include "proto/event.h"
#include "proto/text.h"

struct front {
    struct front_options options;
    pthread_t thread;
    int stop_fd;
    atomic_bool must_stop;
    bool is_ended;
    struct event_judge *judge;
    zmq_msg_t message; /* the last one received */
    bool is_in_multipart;
    uint64_t received_us; /* wall clock of this turn; never goes back */
    uint64_t head_seq;    /* last one published */
    uint64_t next_beat_us;
    struct text own; /* a heartbeat or an event of the broker's own in the making */
    /* front_events.c */
    uint64_t wall_us; /* the clocks at the last look */
    uint64_t monotonic_us;
    uint64_t dropped; /* since the last EventsDropped */
    uint64_t refused_told[TOCSIN_REFUSAL_COUNT];
    uint64_t refused_told_us;
    struct log_limit drop_limit;
    struct log_limit refusal_limit;
    struct log_limit catalog_limit;
};

/* front_take.c: takes frames from producers, up to a turn's worth; returns how many. */
unsigned front_take(struct front *front);

/* Hands a good event to the journal; false when the ring is full. The caller flushes the ring. */
bool front_admit(struct front *front, const struct event *event);

/* front_events.c: looks at the clocks at the start of a turn, and says so in the log when the wall clock was set. */
void front_look_at_clock(struct front *front);

/* Once a second: puts into the log what was dropped and refused since. `is_last`: all of it, now. */
void front_tell_losses(struct front *front, bool is_last);

#endif
