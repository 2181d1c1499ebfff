/* Events in quick succession, collected into one frame (PROTOCOL.md section 4.1). Pure: the time comes from outside. */
#ifndef CLIENT_COLLECTOR_H
#define CLIENT_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

/* A frame with more than one event is at most this long, and waits at most that long. */
#define COLLECTOR_FRAME_MAX 65536
#define COLLECTOR_WAIT_US                                                                                              \
    100 /* of the millisecond that the protocol allows: events 50 us apart arrive as soon as single ones */

struct collector {
    struct text frame;
    uint32_t events; /* in it */
    int64_t sent_us; /* when the last frame left */
};

/* Starts empty, as if nothing had been sent for long. */
void collector_init(struct collector *collector);
void collector_fini(struct collector *collector);

/* Whether the frame takes `len` more bytes; an empty one takes any event. Where not, it is to be sent first. */
bool collector_fits(const struct collector *collector, size_t len);

/* Adds an event that fits. False when out of memory, and nothing was added. */
bool collector_add(struct collector *collector, struct span event);

/* When the frame is to be sent: a moment after the last one, which for a lone event has passed already. */
int64_t collector_due_us(const struct collector *collector);

/* The frame has been handed on: empties it. */
void collector_sent(struct collector *collector, int64_t now_us);

#endif
