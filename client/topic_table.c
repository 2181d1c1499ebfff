#include "client/topic_table.h"

#include <stdlib.h>

#include "proto/text.h"

struct slot {
    uint64_t hash;
    uint64_t seq;
    uint32_t name; /* offset in names */
    uint32_t len;  /* 0: an empty slot, for no topic is empty */
};

struct generation {
    struct slot *slots;
    size_t count;
    struct text names;
};

struct topic_table {
    size_t slot_count; /* of each generation: a power of two, at least twice max_count */
    size_t max_count;  /* topics of a generation */
    uint64_t forgotten;
    struct generation young;
    struct generation old;
};

struct topic_table *topic_table_new(size_t max_topics)
{
    struct topic_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->max_count = max_topics / 2 > 0 ? max_topics / 2 : 1;
    table->slot_count = 16;
    while (table->slot_count / 2 < table->max_count && table->slot_count <= SIZE_MAX / 4)
        table->slot_count *= 2;
    table->young.slots = calloc(table->slot_count, sizeof *table->young.slots);
    table->old.slots = calloc(table->slot_count, sizeof *table->old.slots);
    if (!table->young.slots || !table->old.slots)
        topic_table_free(&table);
    return table;
}

void topic_table_free(struct topic_table **table)
{
    if (!*table)
        return;
    free((*table)->young.slots);
    free((*table)->old.slots);
    text_fini(&(*table)->young.names);
    text_fini(&(*table)->old.names);
    free(*table);
    *table = NULL;
}

/* FNV-1a, spread: topics come from a broker that has checked them, and a slow table harms but this client. */
static uint64_t hash_of(struct span topic)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < topic.len; i++)
        hash = (hash ^ topic.data[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

/* The topic's slot, or the empty one where it would go. */
static struct slot *find(const struct topic_table *table, const struct generation *generation, struct span topic,
                         uint64_t hash)
{
    size_t mask = table->slot_count - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &generation->slots[i];
        if (slot->len == 0)
            return slot;
        if (slot->hash == hash && span_equals(span_of(generation->names.data + slot->name, slot->len), topic))
            return slot;
    }
}

static void clear_generation(struct topic_table *table, struct generation *generation)
{
    memset(generation->slots, 0, table->slot_count * sizeof *generation->slots);
    generation->count = 0;
    text_clear(&generation->names);
}

static void note_forgotten(struct topic_table *table, uint64_t seq)
{
    if (seq > table->forgotten)
        table->forgotten = seq;
}

/* The old generation is forgotten, the young one grows old. A topic that moved on counts with its seq of then. */
static void change_generations(struct topic_table *table)
{
    for (size_t i = 0; i < table->slot_count && table->old.count > 0; i++) {
        if (table->old.slots[i].len > 0)
            note_forgotten(table, table->old.slots[i].seq);
    }
    struct generation freed = table->old;
    table->old = table->young;
    table->young = freed;
    clear_generation(table, &table->young);
}

bool topic_table_exchange(struct topic_table *table, struct span topic, uint64_t seq, uint64_t *last)
{
    uint64_t hash = hash_of(topic);
    struct slot *slot = find(table, &table->young, topic, hash);
    if (slot->len > 0) {
        *last = slot->seq;
        slot->seq = seq;
        return true;
    }
    const struct slot *old = find(table, &table->old, topic, hash);
    bool is_known = old->len > 0;
    if (is_known)
        *last = old->seq;
    if (table->young.count == table->max_count) {
        change_generations(table);
        slot = find(table, &table->young, topic, hash);
    }
    struct text *names = &table->young.names;
    size_t name = names->len;
    text_put(names, topic.data, topic.len);
    if (names->failed || topic.len == 0 || names->len > UINT32_MAX) {
        names->failed = false;
        note_forgotten(table, seq);
        return is_known;
    }
    *slot = (struct slot){hash, seq, (uint32_t)name, (uint32_t)topic.len};
    table->young.count++;
    return is_known;
}

uint64_t topic_table_forgotten(const struct topic_table *table)
{
    return table->forgotten;
}

void topic_table_clear(struct topic_table *table)
{
    clear_generation(table, &table->young);
    clear_generation(table, &table->old);
    table->forgotten = 0;
}
