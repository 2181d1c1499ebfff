#include "broker/append_table.h"

#include <stdlib.h>

#include "broker/name_map.h"

#define FIRST_ROOM 16
#define SAMPLE     16 /* producers that compete for being forgotten */

struct append_table {
    struct name_map *producer_slots;
    struct append_producer *producers;
    size_t producer_count;
    size_t producer_room;
    size_t max_producers;
    size_t hand;
    struct name_map *session_slots;
    struct append_session *sessions;
    size_t session_count; /* places in use at some time; is_used tells which are now */
    size_t session_room;
    size_t max_sessions;
};

struct append_table *append_table_new(size_t max_producers, size_t max_sessions, uint64_t seed)
{
    struct append_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->max_producers = max_producers;
    table->max_sessions = max_sessions;
    table->producer_slots = name_map_new(seed);
    table->session_slots = name_map_new(seed);
    if (!table->producer_slots || !table->session_slots)
        append_table_free(&table);
    return table;
}

void append_table_free(struct append_table **table)
{
    if (!*table)
        return;
    name_map_free(&(*table)->producer_slots);
    name_map_free(&(*table)->session_slots);
    free((*table)->producers);
    free((*table)->sessions);
    free(*table);
    *table = NULL;
}

struct span append_producer_name(const struct append_producer *producer)
{
    return span_of(producer->name, producer->name_len);
}

struct span append_session_route(const struct append_session *session)
{
    return span_of(session->route, session->route_len);
}

struct append_producer *append_table_producer_at(const struct append_table *table, uint32_t slot)
{
    return &table->producers[slot];
}

static uint32_t slot_of_producer(const struct append_table *table, const struct append_producer *producer)
{
    return (uint32_t)(producer - table->producers);
}

static uint32_t slot_of_session(const struct append_table *table, const struct append_session *session)
{
    return (uint32_t)(session - table->sessions);
}

static bool is_quiet(const struct append_producer *producer)
{
    return producer->session == APPEND_ABSENT && producer->admitted_n == producer->last.n;
}

/* A quiet producer that makes room; NULL when none of those looked at is quiet. */
static struct append_producer *choose_victim(struct append_table *table)
{
    struct append_producer *victim = NULL;
    for (size_t i = 0; i < table->producer_count; i++) {
        struct append_producer *producer = &table->producers[(table->hand + i) % table->producer_count];
        if (is_quiet(producer) && (!victim || producer->last.seq < victim->last.seq))
            victim = producer;
        if (victim && i >= SAMPLE)
            break;
    }
    table->hand += SAMPLE;
    return victim;
}

static struct append_producer *place_for_producer(struct append_table *table)
{
    if (table->producer_count == table->max_producers) {
        struct append_producer *victim = choose_victim(table);
        if (victim)
            name_map_remove(table->producer_slots, append_producer_name(victim));
        return victim;
    }
    if (table->producer_count == table->producer_room) {
        size_t room = table->producer_room ? 2 * table->producer_room : FIRST_ROOM;
        struct append_producer *producers = realloc(table->producers, room * sizeof *producers);
        if (!producers)
            return NULL;
        table->producers = producers;
        table->producer_room = room;
    }
    return &table->producers[table->producer_count++];
}

struct append_producer *append_table_producer(struct append_table *table, struct span name)
{
    uint32_t slot;
    if (name_map_find(table->producer_slots, name, &slot))
        return &table->producers[slot];
    if (name.len > TOCSIN_PRODUCER_MAX)
        return NULL;
    struct append_producer *producer = place_for_producer(table);
    if (!producer)
        return NULL;
    /* when the map has no memory the place stays without a name, and is quiet: the next newcomer may have it */
    *producer = (struct append_producer){.session = APPEND_ABSENT};
    if (!name_map_add(table->producer_slots, name, slot_of_producer(table, producer)))
        return NULL;
    producer->name_len = (uint8_t)name.len;
    memcpy(producer->name, name.data, name.len);
    return producer;
}

static struct append_session *place_for_session(struct append_table *table)
{
    bool has_hole = name_map_count(table->session_slots) < table->session_count;
    for (size_t i = 0; has_hole && i < table->session_count; i++) {
        if (!table->sessions[i].is_used)
            return &table->sessions[i];
    }
    if (table->session_count == table->max_sessions) {
        for (size_t i = 0; i < table->session_count; i++) {
            if (table->sessions[i].is_ended) {
                append_table_forget(table, &table->sessions[i]);
                return &table->sessions[i];
            }
        }
        return NULL;
    }
    if (table->session_count == table->session_room) {
        size_t room = table->session_room ? 2 * table->session_room : FIRST_ROOM;
        struct append_session *sessions = realloc(table->sessions, room * sizeof *sessions);
        if (!sessions)
            return NULL;
        table->sessions = sessions;
        table->session_room = room;
    }
    table->sessions[table->session_count] = (struct append_session){0};
    return &table->sessions[table->session_count++];
}

struct append_session *append_table_session(struct append_table *table, struct span route, bool must_make)
{
    uint32_t slot;
    if (name_map_find(table->session_slots, route, &slot))
        return &table->sessions[slot];
    struct append_session *session = must_make && route.len <= APPEND_ROUTE_MAX ? place_for_session(table) : NULL;
    if (!session || !name_map_add(table->session_slots, route, slot_of_session(table, session)))
        return NULL;
    *session = (struct append_session){.producer = APPEND_ABSENT, .is_used = true, .route_len = (uint8_t)route.len};
    memcpy(session->route, route.data, route.len);
    return session;
}

struct append_session *append_table_session_of(const struct append_table *table, const struct append_producer *producer)
{
    return producer->session == APPEND_ABSENT ? NULL : &table->sessions[producer->session];
}

void append_table_attach(struct append_table *table, struct append_session *session, struct append_producer *producer)
{
    struct append_session *older = append_table_session_of(table, producer);
    if (older) {
        append_table_detach(table, older);
        older->is_ended = true; /* nobody is there any more, or it has been told */
    }
    session->producer = slot_of_producer(table, producer);
    producer->session = slot_of_session(table, session);
}

void append_table_detach(struct append_table *table, struct append_session *session)
{
    if (session->producer != APPEND_ABSENT)
        table->producers[session->producer].session = APPEND_ABSENT;
    session->producer = APPEND_ABSENT;
    session->received_n = 0;
    session->acked_n = 0;
    session->is_welcome = false;
    session->has_put = false;
    session->is_ended = false;
}

void append_table_forget(struct append_table *table, struct append_session *session)
{
    append_table_detach(table, session);
    name_map_remove(table->session_slots, append_session_route(session));
    session->is_used = false;
}

struct append_session *append_table_next_session(const struct append_table *table, const struct append_session *session)
{
    size_t at = session ? slot_of_session(table, session) + 1U : 0;
    while (at < table->session_count && !table->sessions[at].is_used)
        at++;
    return at < table->session_count ? &table->sessions[at] : NULL;
}

size_t append_table_session_count(const struct append_table *table)
{
    return name_map_count(table->session_slots);
}
