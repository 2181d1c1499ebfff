/* Looking through the things that are tracked. */
#include <stdlib.h>

#include "client/tracker/items.h"

struct item *items_next(const struct items *items, enum item_kind kind, bool is_over, const struct item *item)
{
    return item ? item->newer : items->lists[kind][is_over].oldest;
}

static int compare(const void *a, const void *b)
{
    const struct item *left = *(struct item *const *)a, *right = *(struct item *const *)b;
    return left->order < right->order ? -1 : left->order > right->order;
}

struct item **items_list(const struct items *items, enum item_kind kind, bool with_over, size_t *count)
{
    size_t most = items->lists[kind][0].count + (with_over ? items->lists[kind][1].count : 0);
    *count = 0;
    if (most == 0)
        return NULL;
    struct item **list = malloc(most * sizeof(struct item *));
    if (!list) {
        *count = SIZE_MAX;
        return NULL;
    }
    for (unsigned is_over = 0; is_over < (with_over ? 2U : 1U); is_over++) {
        for (struct item *item = items->lists[kind][is_over].oldest; item; item = item->newer)
            list[(*count)++] = item;
    }
    qsort(list, *count, sizeof(struct item *), compare);
    return list;
}

uint64_t items_forgotten(const struct items *items)
{
    return items->forgotten;
}

size_t items_count(const struct items *items, enum item_kind kind, bool is_over)
{
    return items->lists[kind][is_over].count;
}
