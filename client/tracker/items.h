/* The things that are tracked, by key, within a bound of number and bytes. Over the bound the one is forgotten that is
 * gone longest, else the one that was longest not heard of; it is counted. Pure. */
#ifndef CLIENT_TRACKER_ITEMS_H
#define CLIENT_TRACKER_ITEMS_H

#include <stddef.h>

#include "client/tracker/item.h"

#define ITEMS_COUNT_MAX 200000
#define ITEMS_BYTES_MAX ((size_t)256 << 20)

struct items_list {
    struct item *oldest;
    struct item *newest;
    size_t count;
};

/* Its members are for items*.c only. */
struct items {
    size_t count_max;
    size_t bytes_max;
    uint64_t seed;
    struct item **buckets;
    size_t bucket_count;
    size_t count;
    size_t bytes;
    uint64_t forgotten;
    uint64_t orders;
    uint64_t touches;
    struct items_list lists[ITEM_KIND_COUNT][2]; /* those that are there, and those that are over */
};

struct items_key {
    enum item_kind kind;
    struct span source;
    struct span name;
    struct span part;
};

/* NULL when out of memory. `seed` keys the hash. The limits are ITEMS_…_MAX but in tests. */
struct items *items_new(size_t count_max, size_t bytes_max, uint64_t seed);
void items_free(struct items **items);

/* The thing of that key; NULL: there is none. */
struct item *items_find(const struct items *items, const struct items_key *key);

/* The same, made where there is none. NULL when out of memory. */
struct item *items_obtain(struct items *items, const struct items_key *key);

/* It was heard of now, and is over or not. May forget others. */
void items_touch(struct items *items, struct item *item, bool is_over);

/* Copies the text; data NULL: none. False when out of memory (the old one stays). */
bool items_set_text(struct items *items, struct item *item, struct span text);

/* Adds a report to a STATUS, cut to ITEMS_REPORT_MAX bytes; the oldest of more than ITEMS_REPORTS_MAX goes. */
#define ITEMS_REPORTS_MAX 50
#define ITEMS_REPORT_MAX  4096
bool items_add_report(struct items *items, struct item *item, uint64_t time_us, struct span text);

/* The next of a kind that is over or is not, the one not touched for longest first; `item` NULL: the first. */
struct item *items_next(const struct items *items, enum item_kind kind, bool is_over, const struct item *item);

/* All of a kind in the order in which they were first heard of, for the caller to free; NULL with *count 0: none; with
 * *count SIZE_MAX: out of memory. */
struct item **items_list(const struct items *items, enum item_kind kind, bool with_over, size_t *count);

/* How many were forgotten, how many of a kind there are. */
uint64_t items_forgotten(const struct items *items);
size_t items_count(const struct items *items, enum item_kind kind, bool is_over);

#endif
