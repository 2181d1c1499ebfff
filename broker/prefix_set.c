/* Sorted, and without those that another one covers. Then the only prefix that can begin a text is the greatest that is
 * not greater than the text: one between that and the text would begin with it, and have been covered. */
#include "broker/prefix_set.h"

#include <stdlib.h>

struct prefix_set {
    size_t size;
    size_t count;
    struct span items[]; /* their bytes follow */
};

static int compare(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    size_t common = left->len < right->len ? left->len : right->len;
    int order = common > 0 ? memcmp(left->data, right->data, common) : 0;
    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

static bool begins(struct span prefix, struct span text)
{
    return prefix.len <= text.len && (prefix.len == 0 || memcmp(prefix.data, text.data, prefix.len) == 0);
}

static void drop_covered(struct prefix_set *set)
{
    size_t kept = 1;
    for (size_t i = 1; i < set->count; i++) {
        if (!begins(set->items[kept - 1], set->items[i]))
            set->items[kept++] = set->items[i];
    }
    set->count = kept;
}

struct prefix_set *prefix_set_new(const struct span *prefixes, size_t count, bool is_whole)
{
    size_t size = sizeof(struct prefix_set) + count * sizeof(struct span);
    for (size_t i = 0; i < count; i++)
        size += prefixes[i].len + is_whole;
    struct prefix_set *set = malloc(size);
    if (!set)
        return NULL;
    *set = (struct prefix_set){.size = size, .count = count};
    uint8_t *at = (uint8_t *)(set->items + count);
    for (size_t i = 0; i < count; i++) {
        size_t len = prefixes[i].len;
        if (len > 0)
            memcpy(at, prefixes[i].data, len);
        if (is_whole)
            at[len++] = '\0';
        set->items[i] = span_of(at, len);
        at += len;
    }
    qsort(set->items, count, sizeof *set->items, compare);
    drop_covered(set);
    return set;
}

void prefix_set_free(struct prefix_set **set)
{
    free(*set);
    *set = NULL;
}

/* Above 0: the prefix is greater than the text with its NUL. */
static int compare_to_text(struct span prefix, struct span text)
{
    size_t common = prefix.len < text.len ? prefix.len : text.len;
    int order = common > 0 ? memcmp(prefix.data, text.data, common) : 0;
    if (order != 0 || prefix.len <= text.len)
        return order;
    return prefix.data[text.len] != '\0' || prefix.len > text.len + 1;
}

bool prefix_set_has(const struct prefix_set *set, struct span text)
{
    if (!set)
        return true;
    size_t low = 0, high = set->count; /* items before low are not greater than the text */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_to_text(set->items[middle], text) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0)
        return false;
    struct span found = set->items[low - 1];
    if (found.len <= text.len)
        return begins(found, text);
    return found.len == text.len + 1 && found.data[text.len] == '\0' && begins(text, found);
}

size_t prefix_set_size(const struct prefix_set *set)
{
    return set ? set->size : 0;
}
