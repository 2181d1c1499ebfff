/* A set of byte prefixes: does any of them begin a text? Answered in as many comparisons as the set's size has binary
 * digits, however it was chosen. Pure.
 *
 * A text is taken as ended by one NUL that is not part of it, and a prefix may hold that NUL: then it is the whole of
 * what it matches (PROTOCOL.md section 2). */
#ifndef BROKER_PREFIX_SET_H
#define BROKER_PREFIX_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/span.h"

struct prefix_set;

/* Copies `count` prefixes (above 0). `is_whole`: each gets a NUL at its end, so that only whole texts match. NULL when
 * out of memory. */
struct prefix_set *prefix_set_new(const struct span *prefixes, size_t count, bool is_whole);
void prefix_set_free(struct prefix_set **set);

/* A set that is NULL has every text. */
bool prefix_set_has(const struct prefix_set *set, struct span text);

/* Memory that the set takes; 0 for NULL. */
size_t prefix_set_size(const struct prefix_set *set);

#endif
