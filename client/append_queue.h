/* Events that are not settled yet, in the order of their numbers, in bounded memory. No lock of its own. */
#ifndef CLIENT_APPEND_QUEUE_H
#define CLIENT_APPEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

struct append_queue {
    struct text bytes; /* the events back to back; the first `gone` bytes are settled */
    size_t gone;
    struct append_item *items; /* a ring of them */
    size_t item_room;          /* a power of two */
    uint64_t first_n;          /* number of the oldest event that is here */
    uint64_t next_n;           /* what the next event gets */
    size_t limit_bytes;
};

void append_queue_init(struct append_queue *queue, uint64_t next_n, size_t limit_bytes);
void append_queue_fini(struct append_queue *queue);

/* True when `len` more bytes have room; one event has, whatever its length, when nothing else is there. */
bool append_queue_fits(const struct append_queue *queue, size_t len);

/* Adds an event as next_n. False when out of memory: then nothing has changed. */
bool append_queue_add(struct append_queue *queue, struct span event);

/* An empty queue goes on with number `n`. */
void append_queue_jump(struct append_queue *queue, uint64_t n);

/* Event `n`, first_n <= n < next_n; borrowed until the next change. */
struct span append_queue_at(const struct append_queue *queue, uint64_t n);

/* Forgets all events through `n`. */
void append_queue_settle(struct append_queue *queue, uint64_t n);

#endif
