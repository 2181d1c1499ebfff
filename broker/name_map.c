/* Open addressing, at most two thirds full; a removed entry is closed up, so that there are no tombstones. */
#include "broker/name_map.h"

#include <sodium.h>
#include <stdlib.h>

#define FIRST_SLOTS 64

struct entry {
    uint8_t *name; /* NULL: free */
    uint32_t len;
    uint32_t number;
    uint64_t hash;
};

struct name_map {
    struct entry *entries;
    size_t mask;
    size_t count;
    uint8_t key[crypto_shorthash_KEYBYTES];
};

struct name_map *name_map_new(uint64_t seed)
{
    struct name_map *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    map->entries = calloc(FIRST_SLOTS, sizeof *map->entries);
    if (!map->entries) {
        free(map);
        return NULL;
    }
    map->mask = FIRST_SLOTS - 1;
    memcpy(map->key, (uint64_t[2]){~seed, seed}, sizeof map->key);
    return map;
}

void name_map_free(struct name_map **map)
{
    if (!*map)
        return;
    for (size_t i = 0; i <= (*map)->mask; i++)
        free((*map)->entries[i].name);
    free((*map)->entries);
    free(*map);
    *map = NULL;
}

static uint64_t hash_of(const struct name_map *map, struct span name)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, name.data, name.len, map->key);
    return hash;
}

/* The name's entry, or the free one where it belongs. */
static struct entry *entry_of(const struct name_map *map, struct span name, uint64_t hash)
{
    for (size_t at = hash & map->mask;; at = (at + 1) & map->mask) {
        struct entry *entry = &map->entries[at];
        if (!entry->name || (entry->hash == hash && span_equals(span_of(entry->name, entry->len), name)))
            return entry;
    }
}

bool name_map_find(const struct name_map *map, struct span name, uint32_t *number)
{
    const struct entry *entry = entry_of(map, name, hash_of(map, name));
    if (!entry->name)
        return false;
    *number = entry->number;
    return true;
}

static bool grow(struct name_map *map)
{
    struct entry *old = map->entries;
    size_t old_count = map->mask + 1;
    struct entry *entries = calloc(2 * old_count, sizeof *entries);
    if (!entries)
        return false;
    map->entries = entries;
    map->mask = 2 * old_count - 1;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].name)
            *entry_of(map, span_of(old[i].name, old[i].len), old[i].hash) = old[i];
    }
    free(old);
    return true;
}

bool name_map_add(struct name_map *map, struct span name, uint32_t number)
{
    if (map->count >= (map->mask + 1) * 2 / 3 && !grow(map))
        return false;
    uint8_t *copy = malloc(name.len > 0 ? name.len : 1);
    if (!copy)
        return false;
    if (name.len > 0)
        memcpy(copy, name.data, name.len);
    uint64_t hash = hash_of(map, name);
    *entry_of(map, name, hash) = (struct entry){copy, (uint32_t)name.len, number, hash};
    map->count++;
    return true;
}

void name_map_remove(struct name_map *map, struct span name)
{
    struct entry *entry = entry_of(map, name, hash_of(map, name));
    if (!entry->name)
        return;
    free(entry->name);
    map->count--;
    size_t hole = (size_t)(entry - map->entries);
    /* moves those up that had to step over it */
    for (size_t at = (hole + 1) & map->mask; map->entries[at].name; at = (at + 1) & map->mask) {
        size_t home = map->entries[at].hash & map->mask;
        if (((at - home) & map->mask) < ((at - hole) & map->mask))
            continue;
        map->entries[hole] = map->entries[at];
        hole = at;
    }
    map->entries[hole] = (struct entry){0};
}

size_t name_map_count(const struct name_map *map)
{
    return map->count;
}
