#include "broker/stream_table.h"

#include <stdlib.h>

#include "broker/name_map.h"

struct stream_table {
    struct name_map *slots_of_routes;
    struct stream_entry *entries[STREAM_SESSIONS_MAX];
    size_t slots; /* in use at some time */
    size_t count;
    size_t terms_bytes;
};

struct stream_table *stream_table_new(uint64_t seed)
{
    struct stream_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->slots_of_routes = name_map_new(seed);
    if (!table->slots_of_routes)
        stream_table_free(&table);
    return table;
}

void stream_table_free(struct stream_table **table)
{
    if (!*table)
        return;
    for (size_t slot = 0; slot < (*table)->slots; slot++) {
        if ((*table)->entries[slot])
            stream_table_close(*table, (*table)->entries[slot]);
    }
    name_map_free(&(*table)->slots_of_routes);
    free(*table);
    *table = NULL;
}

struct span stream_entry_route(const struct stream_entry *entry)
{
    return span_of(entry->route, entry->route_len);
}

struct stream_entry *stream_table_find(const struct stream_table *table, struct span route)
{
    uint32_t slot;
    return name_map_find(table->slots_of_routes, route, &slot) ? table->entries[slot] : NULL;
}

static size_t terms_size(const struct session_terms *terms)
{
    return prefix_set_size(terms->topics) + prefix_set_size(terms->types);
}

static struct stream_entry *add(struct stream_table *table, struct span route)
{
    uint32_t slot = 0;
    while (slot < table->slots && table->entries[slot])
        slot++;
    if (slot == STREAM_SESSIONS_MAX || route.len > STREAM_ROUTE_MAX)
        return NULL;
    struct stream_entry *entry = calloc(1, sizeof *entry);
    if (!entry || !name_map_add(table->slots_of_routes, route, slot)) {
        free(entry);
        return NULL;
    }
    entry->slot = slot;
    entry->route_len = (uint8_t)route.len;
    memcpy(entry->route, route.data, route.len);
    table->entries[slot] = entry;
    if (slot == table->slots)
        table->slots++;
    table->count++;
    return entry;
}

struct stream_entry *stream_table_open(struct stream_table *table, struct span route, const struct session_terms *terms,
                                       uint64_t now_us)
{
    struct stream_entry *entry = stream_table_find(table, route);
    size_t before = entry ? terms_size(&entry->session.terms) : 0;
    size_t after = terms_size(terms);
    if (table->terms_bytes - before + after > STREAM_TERMS_BYTES_MAX)
        return NULL;
    if (!entry)
        entry = add(table, route);
    else
        session_close(&entry->session);
    if (!entry)
        return NULL;
    entry->error_code = NULL;
    table->terms_bytes += after - before;
    session_open(&entry->session, terms, now_us);
    return entry;
}

void stream_table_close(struct stream_table *table, struct stream_entry *entry)
{
    name_map_remove(table->slots_of_routes, stream_entry_route(entry));
    table->terms_bytes -= terms_size(&entry->session.terms);
    table->entries[entry->slot] = NULL;
    table->count--;
    session_close(&entry->session);
    free(entry);
}

struct stream_entry *stream_table_at(const struct stream_table *table, size_t slot)
{
    return table->entries[slot];
}

size_t stream_table_slots(const struct stream_table *table)
{
    return table->slots;
}

size_t stream_table_count(const struct stream_table *table)
{
    return table->count;
}
