/* How much was read of what each connection has brought: what it has brought beyond that, libzmq holds in memory. Counted
 * by whoever reads at a door, and only while the watchdog asks for it (watchdog.h). */
#ifndef BROKER_TAKEN_H
#define BROKER_TAKEN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include "broker/doors.h"

struct taken {
    atomic_bool is_asked;
    size_t count;
    _Atomic uint64_t *bytes; /* by descriptor, since the start: whose it was then */
};

/* Room for every descriptor that there can be. False when out of memory. */
bool taken_init(struct taken *taken);
void taken_fini(struct taken *taken);

/* Notes a part of a message that was read at the door, as long as it was on the wire. */
void taken_note(struct taken *taken, const struct door *door, zmq_msg_t *part);

/* The same at no cost while nobody asks. */
static inline void taken_note_asked(struct taken *taken, const struct door *door, zmq_msg_t *part)
{
    if (atomic_load_explicit(&taken->is_asked, memory_order_relaxed))
        taken_note(taken, door, part);
}

#endif
