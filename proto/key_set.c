#include "proto/key_set.h"

#include <stdlib.h>

struct slot {
    const uint8_t *key;
    uint32_t len;
    uint32_t map;
    uint32_t hash;
    uint32_t generation; /* of another generation: empty */
};

struct key_set {
    struct slot *slots;
    size_t mask;
    size_t count;
    size_t max_keys;
    uint64_t seed;
    uint32_t generation;
};

struct key_set *key_set_new(size_t max_keys, uint64_t seed)
{
    struct key_set *set = calloc(1, sizeof *set);
    if (!set)
        return NULL;
    size_t slot_count = 16;
    while (slot_count < 2 * max_keys)
        slot_count *= 2;
    set->slots = calloc(slot_count, sizeof *set->slots);
    if (!set->slots) {
        free(set);
        return NULL;
    }
    set->mask = slot_count - 1;
    set->max_keys = max_keys;
    set->seed = seed;
    set->generation = 1;
    return set;
}

void key_set_free(struct key_set **set)
{
    if (!*set)
        return;
    free((*set)->slots);
    free(*set);
    *set = NULL;
}

void key_set_clear(struct key_set *set)
{
    if (set->count == 0)
        return;
    set->count = 0;
    if (++set->generation == 0) {
        memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
        set->generation = 1;
    }
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

enum key_set_answer key_set_add(struct key_set *set, uint32_t map, struct span key)
{
    if (set->count >= set->max_keys || key.len > UINT32_MAX)
        return KEY_SET_FULL;
    uint32_t hash = hash_key(set->seed, map, key);
    for (size_t i = hash & set->mask;; i = (i + 1) & set->mask) {
        struct slot *slot = &set->slots[i];
        if (slot->generation != set->generation) {
            *slot = (struct slot){key.data, (uint32_t)key.len, map, hash, set->generation};
            set->count++;
            return KEY_SET_NEW;
        }
        if (slot->hash == hash && slot->map == map && span_equals(span_of(slot->key, slot->len), key))
            return KEY_SET_REPEATED;
    }
}
