/* What the front has taken and the journal has not: the ring between them, and a queue behind it. Who sends much while
 * others are there is put into the queue, from which the ring is filled only as long as it is short: so the others, whose
 * events go into the ring at once, wait some milliseconds and no longer, however much somebody sends. Both together hold
 * what the ring alone may hold. One thread, the ring's producer. */
#ifndef BROKER_WAITING_H
#define BROKER_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/ring.h"

struct waiting {
    struct ring *out;   /* to the journal; borrowed */
    struct ring *queue; /* from this thread to itself */
    size_t short_len;   /* the ring is short up to this */
    uint64_t put;       /* bytes of messages that came into the queue since the start, … */
    uint64_t moved;     /* … and that left it */
    uint64_t count;     /* messages that are in it */
    const void *next;   /* the first one in it, if there was no room for it */
    size_t next_len;
};

/* False when out of memory; waiting_fini is due in any case. */
bool waiting_init(struct waiting *waiting, struct ring *out);
void waiting_fini(struct waiting *waiting);

/* How long the ring may be: the disk takes so long for a sync. */
void waiting_fit(struct waiting *waiting, uint64_t sync_us);

/* As ring_reserve and ring_commit. `is_behind`: into the queue, and not into the last eighth of the room. */
void *waiting_reserve(struct waiting *waiting, size_t len, bool is_behind);
void waiting_commit(struct waiting *waiting, size_t len, bool is_behind);

/* True while the ring is not short, so that who sends much is to be put behind. */
static inline bool waiting_is_long(struct waiting *waiting)
{
    return ring_is_longer(waiting->out, waiting->short_len);
}

/* True while something is in the queue. */
static inline bool waiting_has_queue(const struct waiting *waiting)
{
    return waiting->put != waiting->moved;
}

/* Fills the ring from the queue as long as it is short, or, when `all`, while there is room; and shows the journal what is
 * in it. */
void waiting_move(struct waiting *waiting, bool all);

/* As ring_trim. */
void waiting_trim(struct waiting *waiting);

/* Bytes in both. */
size_t waiting_used(const struct waiting *waiting);

/* True when only the last quarter of the room is left. */
bool waiting_is_nearly_full(const struct waiting *waiting);

#endif
