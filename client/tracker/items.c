#include "client/tracker/items.h"

#include <stdlib.h>

#define BUCKETS_MIN 1024

struct items *items_new(size_t count_max, size_t bytes_max, uint64_t seed)
{
    struct items *items = calloc(1, sizeof *items);
    if (!items)
        return NULL;
    *items = (struct items){.count_max = count_max, .bytes_max = bytes_max, .seed = seed, .bucket_count = BUCKETS_MIN};
    items->buckets = calloc(items->bucket_count, sizeof(struct item *));
    if (!items->buckets)
        items_free(&items);
    return items;
}

static void free_item(struct item *item)
{
    for (size_t i = 0; item->kind == ITEM_STATUS && i < item->as.status.report_count; i++)
        free(item->as.status.reports[i].text);
    if (item->kind == ITEM_STATUS)
        free(item->as.status.reports);
    free((void *)(uintptr_t)item->text.data);
    free((void *)(uintptr_t)item->source.data); /* name and part lie behind it */
    free(item);
}

void items_free(struct items **items)
{
    if (!*items)
        return;
    for (size_t i = 0; (*items)->buckets && i < (*items)->bucket_count; i++) {
        for (struct item *item = (*items)->buckets[i], *next; item; item = next) {
            next = item->chain;
            free_item(item);
        }
    }
    free((*items)->buckets);
    free(*items);
    *items = NULL;
}

/* --- keys --- */

static uint8_t fold(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

/* FNV-1a from a seed; a separator between the parts of the key. */
static uint64_t hash_span(uint64_t hash, struct span text, bool folds)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (folds ? fold(text.data[i]) : text.data[i])) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t hash_of(const struct items *items, const struct items_key *key)
{
    bool folds = key->kind == ITEM_STATUS;
    uint64_t hash = (items->seed ^ UINT64_C(0xcbf29ce484222325)) + (uint64_t)key->kind;
    hash = hash_span(hash, key->source, false);
    hash = hash_span(hash, key->name, folds);
    hash = hash_span(hash, key->part, folds);
    return hash ^ hash >> 29;
}

static bool is_same(struct span a, struct span b, bool folds)
{
    if (!folds || a.len != b.len)
        return span_equals(a, b);
    for (size_t i = 0; i < a.len; i++) {
        if (fold(a.data[i]) != fold(b.data[i]))
            return false;
    }
    return true;
}

static struct item *find(const struct items *items, const struct items_key *key, uint64_t hash)
{
    bool folds = key->kind == ITEM_STATUS;
    struct item *item = items->buckets[hash & (items->bucket_count - 1)];
    while (item && (item->hash != hash || item->kind != key->kind || !span_equals(item->source, key->source) ||
                    !is_same(item->name, key->name, folds) || !is_same(item->part, key->part, folds)))
        item = item->chain;
    return item;
}

struct item *items_find(const struct items *items, const struct items_key *key)
{
    return find(items, key, hash_of(items, key));
}

/* --- lists --- */

static struct items_list *list_of(struct items *items, const struct item *item)
{
    return &items->lists[item->kind][item->is_over];
}

static void detach(struct items *items, struct item *item)
{
    struct items_list *list = list_of(items, item);
    *(item->older ? &item->older->newer : &list->oldest) = item->newer;
    *(item->newer ? &item->newer->older : &list->newest) = item->older;
    item->older = item->newer = NULL;
    list->count--;
}

static void attach(struct items *items, struct item *item)
{
    struct items_list *list = list_of(items, item);
    item->touched = ++items->touches;
    item->older = list->newest;
    *(list->newest ? &list->newest->newer : &list->oldest) = item;
    list->newest = item;
    list->count++;
}

/* --- forgetting --- */

static struct item *oldest(const struct items *items, bool is_over, const struct item *keep)
{
    struct item *found = NULL;
    for (unsigned kind = 0; kind < ITEM_KIND_COUNT; kind++) {
        struct item *item = items->lists[kind][is_over].oldest;
        if (item == keep && item)
            item = item->newer;
        if (item && (!found || item->touched < found->touched))
            found = item;
    }
    return found;
}

static void forget(struct items *items, struct item *item)
{
    struct item **at = &items->buckets[item->hash & (items->bucket_count - 1)];
    while (*at != item)
        at = &(*at)->chain;
    *at = item->chain;
    detach(items, item);
    items->count--;
    items->bytes -= item->bytes;
    items->forgotten++;
    free_item(item);
}

static void make_room(struct items *items, const struct item *keep)
{
    while (items->count > items->count_max || items->bytes > items->bytes_max) {
        struct item *item = oldest(items, true, keep);
        item = item ? item : oldest(items, false, keep);
        if (!item)
            return;
        forget(items, item);
    }
}

/* --- making --- */

/* Longer chains do no harm but cost time, so that growing may fail. */
static void grow(struct items *items)
{
    size_t bucket_count = items->bucket_count * 2;
    struct item **buckets = calloc(bucket_count, sizeof(struct item *));
    if (!buckets)
        return;
    for (size_t i = 0; i < items->bucket_count; i++) {
        for (struct item *item = items->buckets[i], *next; item; item = next) {
            next = item->chain;
            item->chain = buckets[item->hash & (bucket_count - 1)];
            buckets[item->hash & (bucket_count - 1)] = item;
        }
    }
    free(items->buckets);
    items->buckets = buckets;
    items->bucket_count = bucket_count;
}

static struct item *make(const struct items_key *key)
{
    struct item *item = calloc(1, sizeof *item);
    size_t len = key->source.len + key->name.len + key->part.len;
    uint8_t *bytes = malloc(len + 1);
    if (!item || !bytes) {
        free(item);
        free(bytes);
        return NULL;
    }
    const struct span parts[] = {key->source, key->name, key->part};
    struct span *const copies[] = {&item->source, &item->name, &item->part};
    for (size_t i = 0, at = 0; i < 3; at += parts[i++].len) {
        if (parts[i].len > 0)
            memcpy(bytes + at, parts[i].data, parts[i].len);
        *copies[i] = span_of(bytes + at, parts[i].len);
    }
    item->kind = key->kind;
    item->bytes = sizeof *item + len + 1;
    return item;
}

struct item *items_obtain(struct items *items, const struct items_key *key)
{
    uint64_t hash = hash_of(items, key);
    struct item *item = find(items, key, hash);
    if (item)
        return item;
    item = make(key);
    if (!item)
        return NULL;
    if (items->count >= items->bucket_count)
        grow(items);
    item->hash = hash;
    item->order = ++items->orders;
    item->chain = items->buckets[hash & (items->bucket_count - 1)];
    items->buckets[hash & (items->bucket_count - 1)] = item;
    items->count++;
    items->bytes += item->bytes;
    attach(items, item);
    make_room(items, item);
    return item;
}

void items_touch(struct items *items, struct item *item, bool is_over)
{
    detach(items, item);
    item->is_over = is_over;
    attach(items, item);
    make_room(items, item);
}
