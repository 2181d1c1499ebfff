/* Keys are found by the first eight characters of their text, 51 bits of a number that nobody chose, in a table with
 * open addressing that is at most half full; a hit is compared in whole. Two keys that begin alike do not occur, and a
 * file that holds such is refused. */
#include "broker/access.h"

#include <stdlib.h>

#include "proto/tocsin_base.h"

#define ID_LEN    8
#define SLOTS_MIN 64

struct access {
    struct access_key **slots;
    size_t slot_count; /* a power of two */
    size_t count;
    size_t limited_count;
    struct access_realm realms[DOOR_REALMS_MAX];
    size_t realm_count;
};

static access_id id_of(const char *public_key)
{
    access_id id;
    memcpy(&id, public_key, ID_LEN);
    return id;
}

static size_t slot_of(const struct access *access, access_id id)
{
    return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (access->slot_count - 1);
}

struct access *access_new(void)
{
    struct access *access = calloc(1, sizeof *access);
    if (!access)
        return NULL;
    access->slot_count = SLOTS_MIN;
    access->slots = calloc(SLOTS_MIN, sizeof(struct access_key *));
    if (!access->slots)
        access_free(&access);
    return access;
}

void access_list_free(struct access_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((void *)(uintptr_t)list->items[i].data);
    free(list->items);
    *list = (struct access_list){.items = NULL};
}

void access_key_fini(struct access_key *key)
{
    access_list_free(&key->publish);
    access_list_free(&key->producers);
    access_list_free(&key->read);
    access_list_free(&key->realms);
    prefix_set_free(&key->readable);
}

void access_free(struct access **self)
{
    struct access *access = *self;
    if (!access)
        return;
    for (size_t i = 0; access->slots && i < access->slot_count; i++) {
        if (access->slots[i])
            access_key_fini(access->slots[i]);
        free(access->slots[i]);
    }
    for (size_t i = 0; i < access->realm_count; i++)
        prefix_set_free(&access->realms[i].topics);
    free(access->slots);
    free(access);
    *self = NULL;
}

static void put(struct access *access, struct access_key *key)
{
    size_t slot = slot_of(access, key->id);
    while (access->slots[slot])
        slot = (slot + 1) & (access->slot_count - 1);
    access->slots[slot] = key;
}

static bool grow(struct access *access)
{
    struct access grown = *access;
    grown.slot_count *= 2;
    grown.slots = calloc(grown.slot_count, sizeof(struct access_key *));
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < access->slot_count; i++) {
        if (access->slots[i])
            put(&grown, access->slots[i]);
    }
    free(access->slots);
    *access = grown;
    return true;
}

static struct access_key *find_id(const struct access *access, access_id id)
{
    for (size_t slot = slot_of(access, id);; slot = (slot + 1) & (access->slot_count - 1)) {
        if (!access->slots[slot] || access->slots[slot]->id == id)
            return access->slots[slot];
    }
}

/* FNV-1a; who may choose the texts is trusted. */
static uint64_t hash(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t rights_of(const struct access_key *key)
{
    uint64_t rights = hash(UINT64_C(0xcbf29ce484222325), &key->replay, sizeof key->replay);
    for (size_t i = 0; i < key->read.count; i++) {
        rights = hash(rights, &key->read.items[i].len, sizeof key->read.items[i].len);
        rights = hash(rights, key->read.items[i].data, key->read.items[i].len);
    }
    return rights;
}

static int take(struct access *access, struct access_key *key, const struct access_key **other)
{
    key->id = id_of(key->public_key);
    *other = find_id(access, key->id);
    if (*other)
        return TOCSIN_E_LOCKED;
    if (access->count == ACCESS_KEYS_MAX)
        return TOCSIN_E_FULL;
    if (2 * (access->count + 1) > access->slot_count && !grow(access))
        return TOCSIN_E_NOMEM;
    for (size_t i = 0; i < key->read.count; i++)
        key->reads_everything |= key->read.items[i].len == 0;
    if (key->read.count > 0 && !(key->readable = prefix_set_new(key->read.items, key->read.count, false)))
        return TOCSIN_E_NOMEM;
    key->rights = rights_of(key);
    key->is_limited = key->limits.events_per_s > 0 || key->limits.bytes_per_s > 0;
    if (key->is_limited)
        key->limit_slot = (uint32_t)access->limited_count++;
    struct access_key *kept = malloc(sizeof *kept);
    if (!kept)
        return TOCSIN_E_NOMEM;
    *kept = *key;
    put(access, kept);
    access->count++;
    return TOCSIN_OK;
}

int access_add(struct access *access, struct access_key *key, const struct access_key **other)
{
    int result = take(access, key, other);
    if (result != TOCSIN_OK)
        access_key_fini(key);
    return result;
}

size_t access_count(const struct access *access)
{
    return access->count;
}

size_t access_count_limited(const struct access *access)
{
    return access->limited_count;
}

void access_bar(const struct access_key *key, uint64_t until_us)
{
    atomic_store((_Atomic uint64_t *)(uintptr_t)&key->barred_until_us, until_us);
}

bool access_is_barred(const struct access_key *key, uint64_t now_us)
{
    return now_us < atomic_load(&key->barred_until_us);
}

static bool is_valid(const struct access_key *key, uint64_t now_us)
{
    return now_us >= key->not_before && now_us < key->not_after;
}

const struct access_key *access_find_id(const struct access *access, access_id id, uint64_t now_us)
{
    const struct access_key *key = find_id(access, id);
    return key && is_valid(key, now_us) ? key : NULL;
}

static const struct access_key *find(const struct access *access, struct span public_key)
{
    if (public_key.len != CURVE_Z85_LEN)
        return NULL;
    const struct access_key *key = find_id(access, id_of((const char *)public_key.data));
    return key && memcmp(key->public_key, public_key.data, CURVE_Z85_LEN) == 0 ? key : NULL;
}

const struct access_key *access_find(const struct access *access, struct span public_key, uint64_t now_us)
{
    const struct access_key *key = find(access, public_key);
    return key && is_valid(key, now_us) ? key : NULL;
}

bool access_knows(const struct access *access, struct span public_key)
{
    return find(access, public_key) != NULL;
}

int access_add_realm(struct access *access, struct span name, const struct access_list *topics)
{
    struct access_realm *realm = &access->realms[access->realm_count];
    if (access->realm_count == DOOR_REALMS_MAX)
        return TOCSIN_E_FULL;
    realm->topics = prefix_set_new(topics->items, topics->count, false);
    if (!realm->topics)
        return TOCSIN_E_NOMEM;
    memcpy(realm->name, name.data, name.len);
    realm->name[name.len] = '\0';
    access->realm_count++;
    return TOCSIN_OK;
}

const struct access_realm *access_realm_at(const struct access *access, size_t i)
{
    return i < access->realm_count ? &access->realms[i] : NULL;
}

const struct access_realm *access_find_realm(const struct access *access, struct span name)
{
    for (size_t i = 0; i < access->realm_count; i++) {
        if (span_is(name, access->realms[i].name))
            return &access->realms[i];
    }
    return NULL;
}
