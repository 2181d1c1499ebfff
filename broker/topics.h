/* The last seq of every topic, in bounded memory: where a record's `prev` comes from. Pure: no clock, files or threads.
 *
 * A topic that has not been advanced for long may be forgotten to make room (about the least recent first); its next
 * record then says prev 0, which the protocol allows. The hash is keyed, so that no choice of topics makes it slow. */
#ifndef BROKER_TOPICS_H
#define BROKER_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

struct topics;

/* Room for `max` topics (1 to 16 million), taken as they come; `seed` keys the hash: any number that the senders do not
 * know. NULL when out of memory or max is out of range. */
struct topics *topics_new(size_t max, uint64_t seed);
void topics_free(struct topics **topics);

/* Stores `seq` (above 0) as the topic's last one and returns the one before, 0 where there is none or it is forgotten.
 * `topic` without the closing NUL, at most TOCSIN_TOPIC_MAX - 1 bytes: a longer one is not stored (returns 0). When
 * memory cannot grow, an old topic makes room instead. */
uint64_t topics_advance(struct topics *topics, struct span topic, uint64_t seq);

/* The topic's last seq, 0 where unknown. Changes nothing. */
uint64_t topics_last(const struct topics *topics, struct span topic);

/* Forgets everything, keeps the memory. */
void topics_clear(struct topics *topics);

size_t topics_count(const struct topics *topics);

/* How many topics were forgotten to make room, since topics_new. */
uint64_t topics_evicted(const struct topics *topics);

/* Walks through all topics in no order: start with *at = 0; false at the end. The span lives until the next change. */
bool topics_next(const struct topics *topics, size_t *at, struct span *topic, uint64_t *seq);

#endif
