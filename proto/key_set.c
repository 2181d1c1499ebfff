#include "proto/key_set.h"

#include <stdlib.h>

/* The keys lie one behind the other, and a table of slots says where. Only as much of the table is used as the keys of
 * this event need, so that an event of a few dozen keys stays in the processor's cache, and memory is touched as the
 * largest event seen needs it. */
struct entry {
    const uint8_t *key;
    uint32_t len;
    uint32_t map;
    uint32_t hash;
};

struct key_set {
    struct entry *entries;
    uint32_t *slots; /* index of an entry, plus 1; 0: empty */
    size_t mask;     /* of the slots in use, which are at least twice the keys */
    size_t count;
    size_t max_keys;
    uint64_t seed;
};

#define FIRST_SLOTS 128

struct key_set *key_set_new(size_t max_keys, uint64_t seed)
{
    if (max_keys > UINT32_MAX / 4)
        return NULL;
    struct key_set *set = calloc(1, sizeof *set);
    if (!set)
        return NULL;
    size_t slot_count = FIRST_SLOTS;
    while (slot_count < 2 * max_keys)
        slot_count *= 2;
    set->entries = calloc(max_keys + 1, sizeof *set->entries);
    set->slots = calloc(slot_count, sizeof *set->slots);
    if (!set->entries || !set->slots) {
        key_set_free(&set);
        return NULL;
    }
    set->mask = FIRST_SLOTS - 1;
    set->max_keys = max_keys;
    set->seed = seed;
    return set;
}

void key_set_free(struct key_set **set)
{
    if (!*set)
        return;
    free((*set)->entries);
    free((*set)->slots);
    free(*set);
    *set = NULL;
}

void key_set_clear(struct key_set *set)
{
    if (set->count == 0)
        return;
    memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    set->mask = FIRST_SLOTS - 1;
    set->count = 0;
}

/* The 128-bit product of both, folded: mixes as wyhash does. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_key(uint64_t seed, uint32_t map, struct span key)
{
    const uint64_t secret = UINT64_C(0xa0761d6478bd642f);
    uint64_t hash = mix(seed ^ secret, ((uint64_t)map << 32) ^ key.len ^ UINT64_C(0xe7037ed1a0b428db));
    size_t at = 0;
    for (; at + 8 <= key.len; at += 8) {
        uint64_t word;
        memcpy(&word, key.data + at, sizeof word);
        hash = mix(hash ^ word ^ seed, secret);
    }
    uint64_t word = 0;
    if (at < key.len)
        memcpy(&word, key.data + at, key.len - at);
    hash = mix(hash ^ word, seed | 1);
    return (uint32_t)(hash ^ hash >> 32);
}

/* Twice the slots; every key finds its place anew. */
static void spread(struct key_set *set)
{
    set->mask = 2 * set->mask + 1;
    memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    for (size_t entry = 0; entry < set->count; entry++) {
        size_t i = set->entries[entry].hash & set->mask;
        while (set->slots[i] != 0)
            i = (i + 1) & set->mask;
        set->slots[i] = (uint32_t)entry + 1;
    }
}

enum key_set_answer key_set_add(struct key_set *set, uint32_t map, struct span key)
{
    if (set->count >= set->max_keys || key.len > UINT32_MAX)
        return KEY_SET_FULL;
    if (2 * (set->count + 1) > set->mask + 1)
        spread(set);
    uint32_t hash = hash_key(set->seed, map, key);
    size_t i = hash & set->mask;
    for (; set->slots[i] != 0; i = (i + 1) & set->mask) {
        const struct entry *entry = &set->entries[set->slots[i] - 1];
        if (entry->hash == hash && entry->map == map && span_equals(span_of(entry->key, entry->len), key))
            return KEY_SET_REPEATED;
    }
    set->entries[set->count++] = (struct entry){key.data, (uint32_t)key.len, map, hash};
    set->slots[i] = (uint32_t)set->count;
    return KEY_SET_NEW;
}
