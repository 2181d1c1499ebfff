/* The last N texts, within a bound of bytes. Pure. */
#ifndef CLIENT_QUERY_LAST_H
#define CLIENT_QUERY_LAST_H

#include "proto/text.h"

/* Most bytes that are kept. */
#define QUERY_LAST_BYTES_MAX ((size_t)256 << 20)

struct query_last {
    struct text *texts; /* a ring */
    size_t room;
    size_t count; /* ever put */
    size_t limit; /* 0: as many as fit */
    size_t bytes;
};

/* Keeps the last `limit`; 0: all. */
void query_last_init(struct query_last *last, size_t limit);
void query_last_fini(struct query_last *last);

/* Copies the text in. TOCSIN_E_FULL: too much is kept then; TOCSIN_E_NOMEM. */
int query_last_put(struct query_last *last, struct span text);

/* How many there are, and the one at `index`, the oldest is 0. */
size_t query_last_count(const struct query_last *last);
struct span query_last_at(const struct query_last *last, size_t index);

#endif
