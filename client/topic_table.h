/* The last seq of each topic, in bounded memory. Pure.
 *
 * Two generations: what is asked for or set moves into the young one; when that is half the limit, the old one is
 * forgotten and the young one becomes old. What was forgotten is remembered as one number, the highest seq among it. */
#ifndef CLIENT_TOPIC_TABLE_H
#define CLIENT_TOPIC_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

struct topic_table;

/* Remembers at least half of `max_topics` and at most all of them; NULL when out of memory. */
struct topic_table *topic_table_new(size_t max_topics);
void topic_table_free(struct topic_table **table);

/* Sets the last seq of a topic and returns the one before in `*last`; false where there was none or it was forgotten.
 * A topic for which memory runs out is forgotten at once. */
bool topic_table_exchange(struct topic_table *table, struct span topic, uint64_t seq, uint64_t *last);

/* The highest seq of all forgotten topics; 0: none. */
uint64_t topic_table_forgotten(const struct topic_table *table);

/* Empties it, keeping the memory. */
void topic_table_clear(struct topic_table *table);

#endif
