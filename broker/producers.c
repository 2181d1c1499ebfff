#include "broker/producers.h"

#include <stdlib.h>

#include "broker/name_map.h"
#include "proto/tocsin_base.h"

#define FIRST_ROOM 16

/* How many compete for being forgotten. */
#define SAMPLE 16

struct entry {
    struct producer_last last;
    uint8_t name_len;
    uint8_t name[TOCSIN_PRODUCER_MAX];
};

struct producers {
    struct name_map *numbers; /* name → place in entries */
    struct entry *entries;
    size_t count;
    size_t room;
    size_t max;
    size_t hand;
    uint64_t seed;
};

struct producers *producers_new(size_t max, uint64_t seed)
{
    struct producers *producers = calloc(1, sizeof *producers);
    if (!producers)
        return NULL;
    producers->max = max;
    producers->seed = seed;
    producers->numbers = name_map_new(seed);
    if (!producers->numbers)
        producers_free(&producers);
    return producers;
}

void producers_free(struct producers **producers)
{
    if (!*producers)
        return;
    name_map_free(&(*producers)->numbers);
    free((*producers)->entries);
    free(*producers);
    *producers = NULL;
}

static struct span name_of(const struct entry *entry)
{
    return span_of(entry->name, entry->name_len);
}

/* The next few in turn; of them the one that has been quiet for longest makes room. */
static size_t choose_victim(struct producers *producers)
{
    size_t victim = producers->hand % producers->count;
    for (size_t i = 1; i < SAMPLE; i++) {
        size_t other = (producers->hand + i) % producers->count;
        if (producers->entries[other].last.seq < producers->entries[victim].last.seq)
            victim = other;
    }
    producers->hand += SAMPLE;
    return victim;
}

/* A place for a new name; SIZE_MAX when memory ran out. */
static size_t make_place(struct producers *producers)
{
    if (producers->count == producers->max) {
        size_t victim = choose_victim(producers);
        name_map_remove(producers->numbers, name_of(&producers->entries[victim]));
        return victim;
    }
    if (producers->count == producers->room) {
        size_t room = producers->room ? 2 * producers->room : FIRST_ROOM;
        struct entry *entries = realloc(producers->entries, room * sizeof *entries);
        if (!entries)
            return SIZE_MAX;
        producers->entries = entries;
        producers->room = room;
    }
    return producers->count++;
}

bool producers_advance(struct producers *producers, struct span name, const struct producer_last *last)
{
    uint32_t number;
    if (name.len > TOCSIN_PRODUCER_MAX)
        return false;
    if (name_map_find(producers->numbers, name, &number)) {
        producers->entries[number].last = *last;
        return true;
    }
    size_t place = make_place(producers);
    if (place == SIZE_MAX)
        return false;
    struct entry *entry = &producers->entries[place];
    entry->last = *last;
    entry->name_len = (uint8_t)name.len;
    memcpy(entry->name, name.data, name.len);
    if (name_map_add(producers->numbers, name, (uint32_t)place))
        return true;
    /* out of memory: the last entry takes this place */
    *entry = producers->entries[--producers->count];
    if (place < producers->count) {
        name_map_remove(producers->numbers, name_of(entry));
        if (!name_map_add(producers->numbers, name_of(entry), (uint32_t)place))
            entry->name_len = 0;
    }
    return false;
}

bool producers_find(const struct producers *producers, struct span name, struct producer_last *last)
{
    uint32_t number;
    if (!name_map_find(producers->numbers, name, &number))
        return false;
    *last = producers->entries[number].last;
    return true;
}

void producers_clear(struct producers *producers)
{
    for (size_t i = 0; i < producers->count; i++)
        name_map_remove(producers->numbers, name_of(&producers->entries[i]));
    producers->count = 0;
}

size_t producers_count(const struct producers *producers)
{
    return producers->count;
}

bool producers_next(const struct producers *producers, size_t *at, struct span *name, struct producer_last *last)
{
    if (*at >= producers->count)
        return false;
    const struct entry *entry = &producers->entries[(*at)++];
    *name = name_of(entry);
    *last = entry->last;
    return true;
}
