/* What the journal hands to the stream thread, beside the front: the same frames, for its memory of the latest records;
 * while nobody wants these, of each frame its topic and its last seq. The journal never waits here: what finds no room is
 * left out, and the stream reads it from the log's files. Nor is the stream thread woken for each batch while there is
 * nobody whom it could serve: on two cores each thread that wakes stands in the way of those that an event passes. */
#ifndef BROKER_FEED_H
#define BROKER_FEED_H

#include <stdatomic.h>

#include "broker/batch.h"
#include "broker/ring.h"

struct feed {
    struct ring *ring;             /* struct settled, then topic NUL records, or topic NUL of a SETTLED_NOTE */
    _Atomic uint64_t offered_upto; /* all through this seq was put into the ring or left out */
    atomic_bool wants_frames;      /* else notes are enough; set by the stream thread */
    atomic_bool is_awaited;        /* there is somebody to be served, so the stream thread is woken; set by it */
};

/* The journal: all frames of a batch that may be seen, up to `upto`, the last seq. */
void feed_offer(struct feed *feed, const struct batch *batch, uint64_t upto);

/* The journal: more has become durable of what was offered before. Nobody is woken where nobody is served. */
void feed_wake(struct feed *feed);

#endif
