/* Which topics: filters become byte prefixes for the socket (PROTOCOL.md section 2), and decide about a topic. Pure. */
#ifndef CLIENT_FILTER_H
#define CLIENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "client/tocsin.h"
#include "proto/span.h"
#include "proto/text.h"

/* A copied set of filters. */
struct filter_set;

/* Copies `count` filters. TOCSIN_E_INVALID: a category or source is missing or too long, or a category holds what none
 * can; TOCSIN_E_NOMEM. An empty set contains nothing. */
int filter_set_new(struct filter_set **set, const struct tocsin_filter *filters, size_t count);
void filter_set_free(struct filter_set **set);

/* Whether any filter of the set takes the topic (without its NUL). */
bool filter_set_contains(const struct filter_set *set, struct span topic);

/* Whether the socket must subscribe to everything: a filter says so, or names no category. */
bool filter_set_needs_everything(const struct filter_set *set);

/* Whether a filter of the set takes every topic. */
bool filter_set_is_everything(const struct filter_set *set);

/* Whether the socket subscribes to one prefix and no more, so that whatever comes shows that it is in force. */
bool filter_set_has_one_prefix(const struct filter_set *set);

/* Most prefixes of one filter. */
#define FILTER_PREFIXES_MAX 3

/* The prefixes of the filter at `index`, each appended to `out` with its length in `lens`; returns how many. Only for a
 * set that does not need everything. */
size_t filter_set_prefixes(const struct filter_set *set, size_t index, struct text *out,
                           size_t lens[FILTER_PREFIXES_MAX]);
size_t filter_set_count(const struct filter_set *set);

#endif
