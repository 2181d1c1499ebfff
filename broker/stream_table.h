/* The sessions of the stream door, found by their route, in bounded number. */
#ifndef BROKER_STREAM_TABLE_H
#define BROKER_STREAM_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "broker/access.h"
#include "broker/session.h"
#include "proto/span.h"

#define STREAM_SESSIONS_MAX 1024u
#define STREAM_ROUTE_MAX    255u

/* Filters and types of all sessions together. */
#define STREAM_TERMS_BYTES_MAX (32u << 20)

struct stream_entry {
    struct session session;
    bool owes_pong; /* answers that could not be sent yet */
    bool owes_info;
    const char *error_code; /* static; not NULL: all that the client still gets, and then the session ends */
    const char *error_text;
    access_id owner; /* the key that opened it; 0: none was asked for */
    uint64_t rights; /* what that might read then */
    uint32_t slot;
    uint8_t route_len;
    uint8_t route[STREAM_ROUTE_MAX];
};

struct stream_table;

/* `seed` keys a hash. NULL when out of memory. */
struct stream_table *stream_table_new(uint64_t seed);
void stream_table_free(struct stream_table **table);

/* The session of a route; NULL where there is none. */
struct stream_entry *stream_table_find(const struct stream_table *table, struct span route);

/* Opens a session on a route, in place of one that it has. The sets of `terms` become its own. NULL when there are too
 * many sessions, their sets are too large together, or memory has run out: then the sets are still the caller's, and
 * an older session stays. */
struct stream_entry *stream_table_open(struct stream_table *table, struct span route, const struct session_terms *terms,
                                       uint64_t now_us);

/* Ends a session and frees it. */
void stream_table_close(struct stream_table *table, struct stream_entry *entry);

struct span stream_entry_route(const struct stream_entry *entry);

/* Slots, of which some are empty (NULL): from 0 to below stream_table_slots. */
struct stream_entry *stream_table_at(const struct stream_table *table, size_t slot);
size_t stream_table_slots(const struct stream_table *table);
size_t stream_table_count(const struct stream_table *table);

#endif
