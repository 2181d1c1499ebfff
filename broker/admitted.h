/* What the front hands to the journal: an event that has passed all checks, laid flat in a ring's message. */
#ifndef BROKER_ADMITTED_H
#define BROKER_ADMITTED_H

#include <stdint.h>

#include "broker/append.h"
#include "proto/event.h"

enum admitted_kind {
    ADMITTED_EVENT,
    ADMITTED_STOP, /* nothing follows: write the last line and end */
};

/* A part of the event's bytes. */
struct admitted_part {
    uint32_t offset; /* UINT32_MAX: absent */
    uint32_t len;
};

/* The event's bytes follow, then the producer's name where there is one. */
struct admitted {
    uint64_t received_us;
    uint64_t n;             /* the producer's number; only with a producer */
    uint32_t producer_slot; /* comes back with the acknowledgement */
    uint32_t event_len;
    uint8_t kind; /* enum admitted_kind */
    uint8_t level;
    uint8_t producer_len; /* 0: fire and forget */
    struct admitted_part time, category, type, source_id, summary, cause, snapshot;
};

/* Bytes that an event takes in a message; `origin` NULL for fire and forget. */
size_t admitted_size(const struct event *event, const struct append_origin *origin);

/* Lays the event out in `message` (admitted_size bytes, aligned to 8). */
void admitted_put(void *message, const struct event *event, const struct append_origin *origin, uint64_t received_us);

/* Views the event in a message, and its producer's name (data NULL where there is none); both live as long as the
 * message. */
void admitted_view(const struct admitted *admitted, struct event *event, struct span *producer);

#endif
