/* How many there are of each value. Pure. */
#ifndef CLIENT_QUERY_GROUPS_H
#define CLIENT_QUERY_GROUPS_H

#include <stdint.h>

#include "proto/text.h"

/* Most values that are told apart. */
#define QUERY_GROUPS_MAX 1000000

struct query_groups;

/* NULL when out of memory. `seed` keys the hash: a number that nobody knows. */
struct query_groups *query_groups_new(uint64_t seed);
void query_groups_free(struct query_groups **groups);

/* Counts one. TOCSIN_E_FULL: there are too many values; TOCSIN_E_NOMEM. */
int query_groups_add(struct query_groups *groups, struct span value);

/* Sorts them, most first, and equal ones by value; nothing can be added behind it. Then the one at `index`; false: there
 * are no more. */
void query_groups_sort(struct query_groups *groups);
bool query_groups_at(const struct query_groups *groups, size_t index, struct span *value, uint64_t *count);

#endif
