/* The sessions and producers of the append door, found by route and by name, in bounded memory. */
#ifndef BROKER_APPEND_TABLE_H
#define BROKER_APPEND_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/access.h"
#include "broker/producers.h"
#include "proto/span.h"
#include "proto/tocsin_base.h"

#define APPEND_ABSENT    UINT32_MAX
#define APPEND_ROUTE_MAX 255

struct append_producer {
    struct producer_last last; /* n 0: nothing in the log */
    uint64_t admitted_n;       /* never below last.n */
    uint64_t incarnation;      /* highest that said hello since the start */
    uint32_t session;          /* APPEND_ABSENT: none */
    uint8_t name_len;
    char name[TOCSIN_PRODUCER_MAX];
};

struct append_session {
    uint64_t received_n;
    uint64_t acked_n;
    uint64_t heard_us;
    access_id owner;   /* the key that said hello; 0: none was asked for */
    uint64_t sender;   /* what stands for it, or for its address */
    uint32_t producer; /* APPEND_ABSENT: none (ended, or before its hello) */
    bool is_welcome;   /* its hello has been answered */
    bool has_put;
    bool is_ended;
    bool is_used;
    uint8_t route_len;
    uint8_t route[APPEND_ROUTE_MAX];
};

struct append_table;

/* NULL when out of memory. */
struct append_table *append_table_new(size_t max_producers, size_t max_sessions, uint64_t seed);
void append_table_free(struct append_table **table);

/* The producer of that name, made when it is new; its place never moves while it is there, but the pointer is good only
 * until the next new producer. To make room one without session and without events on their way is forgotten: the one
 * quiet for longest among a few. NULL when out of memory, or when all are busy. */
struct append_producer *append_table_producer(struct append_table *table, struct span name);
struct append_producer *append_table_producer_at(const struct append_table *table, uint32_t slot);
struct span append_producer_name(const struct append_producer *producer);

/* The session of that route; when it is new and `must_make` it is made, else NULL. To make room an ended session is
 * forgotten. The pointer is good until the next new session. */
struct append_session *append_table_session(struct append_table *table, struct span route, bool must_make);
struct append_session *append_table_session_of(const struct append_table *table,
                                               const struct append_producer *producer);
struct span append_session_route(const struct append_session *session);

/* Ties a session to its producer, whose older session loses it; unties it and sets it back to its start. */
void append_table_attach(struct append_table *table, struct append_session *session, struct append_producer *producer);
void append_table_detach(struct append_table *table, struct append_session *session);

/* Unties and removes a session. */
void append_table_forget(struct append_table *table, struct append_session *session);

/* Walks through the sessions: start with NULL. The one last given may be forgotten meanwhile. */
struct append_session *append_table_next_session(const struct append_table *table,
                                                 const struct append_session *session);
size_t append_table_session_count(const struct append_table *table);

#endif
