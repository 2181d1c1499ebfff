/* Each producer's last event in the log: what makes its resending harmless (PROTOCOL.md section 4.2). Pure. Bounded:
 * beyond `max` the one whose last event is the oldest is forgotten. */
#ifndef BROKER_PRODUCERS_H
#define BROKER_PRODUCERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

#define PRODUCER_HASH_LEN 16 /* bytes of the hash that a line carries */

struct producer_last {
    uint64_t n;
    uint64_t seq;
    uint8_t hash[PRODUCER_HASH_LEN];
};

struct producers;

/* `seed` keys the hash of names. NULL when out of memory. */
struct producers *producers_new(size_t max, uint64_t seed);
void producers_free(struct producers **producers);

/* Notes a producer's latest line. False when memory ran out: then it is not noted. */
bool producers_advance(struct producers *producers, struct span name, const struct producer_last *last);

/* A producer's last; false when it is not known. */
bool producers_find(const struct producers *producers, struct span name, struct producer_last *last);

/* Forgets everything. */
void producers_clear(struct producers *producers);

size_t producers_count(const struct producers *producers);

/* Walks through all, in no order: start with *at = 0; false at the end. The span lives until the next change. */
bool producers_next(const struct producers *producers, size_t *at, struct span *name, struct producer_last *last);

#endif
