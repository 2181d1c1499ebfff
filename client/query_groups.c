#include "client/query_groups.h"

#include <stdlib.h>

#include "proto/tocsin_base.h"

#define ROOM_MIN 256

struct group {
    uint64_t count; /* 0: a free slot */
    uint64_t hash;
    size_t at; /* in the texts */
    size_t len;
};

/* An open hash table, half full at most. */
struct query_groups {
    struct group *slots;
    size_t room;
    size_t count;
    uint64_t seed;
    struct text texts;
};

struct query_groups *query_groups_new(uint64_t seed)
{
    struct query_groups *groups = calloc(1, sizeof *groups);
    if (!groups)
        return NULL;
    groups->seed = seed;
    groups->room = ROOM_MIN;
    groups->slots = calloc(groups->room, sizeof *groups->slots);
    if (!groups->slots)
        query_groups_free(&groups);
    return groups;
}

void query_groups_free(struct query_groups **groups)
{
    if (!*groups)
        return;
    free((*groups)->slots);
    text_fini(&(*groups)->texts);
    free(*groups);
    *groups = NULL;
}

static uint64_t hash_of(uint64_t seed, struct span value)
{
    uint64_t hash = seed ^ UINT64_C(14695981039346656037);
    for (size_t i = 0; i < value.len; i++)
        hash = (hash ^ value.data[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 29;
}

static struct span text_of(const struct query_groups *groups, const struct group *group)
{
    return span_of(groups->texts.data + group->at, group->len);
}

/* The slot of the value, or the free one where it belongs. */
static struct group *find(const struct query_groups *groups, struct span value, uint64_t hash)
{
    size_t at = hash & (groups->room - 1);
    while (groups->slots[at].count > 0 &&
           (groups->slots[at].hash != hash || !span_equals(text_of(groups, &groups->slots[at]), value)))
        at = (at + 1) & (groups->room - 1);
    return &groups->slots[at];
}

static bool grow(struct query_groups *groups)
{
    struct group *old = groups->slots;
    size_t old_room = groups->room;
    struct group *slots = calloc(2 * old_room, sizeof *slots);
    if (!slots)
        return false;
    groups->slots = slots;
    groups->room = 2 * old_room;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].count > 0)
            *find(groups, text_of(groups, &old[i]), old[i].hash) = old[i];
    }
    free(old);
    return true;
}

int query_groups_add(struct query_groups *groups, struct span value)
{
    uint64_t hash = hash_of(groups->seed, value);
    struct group *group = find(groups, value, hash);
    if (group->count > 0) {
        group->count++;
        return TOCSIN_OK;
    }
    if (groups->count == QUERY_GROUPS_MAX)
        return TOCSIN_E_FULL;
    if (2 * (groups->count + 1) > groups->room) {
        if (!grow(groups))
            return TOCSIN_E_NOMEM;
        group = find(groups, value, hash);
    }
    size_t at = groups->texts.len;
    text_put(&groups->texts, value.data, value.len);
    if (groups->texts.failed)
        return TOCSIN_E_NOMEM;
    *group = (struct group){1, hash, at, value.len};
    groups->count++;
    return TOCSIN_OK;
}

static int compare(const void *one, const void *other, void *context)
{
    const struct query_groups *groups = context;
    const struct group *a = one, *b = other;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    struct span text_a = text_of(groups, a), text_b = text_of(groups, b);
    size_t len = text_a.len < text_b.len ? text_a.len : text_b.len;
    int order = len > 0 ? memcmp(text_a.data, text_b.data, len) : 0;
    return order ? order : (text_a.len > text_b.len) - (text_a.len < text_b.len);
}

void query_groups_sort(struct query_groups *groups)
{
    size_t count = 0;
    for (size_t i = 0; i < groups->room; i++) {
        if (groups->slots[i].count > 0)
            groups->slots[count++] = groups->slots[i];
    }
    qsort_r(groups->slots, count, sizeof *groups->slots, compare, groups);
}

bool query_groups_at(const struct query_groups *groups, size_t index, struct span *value, uint64_t *count)
{
    if (index >= groups->count)
        return false;
    *value = text_of(groups, &groups->slots[index]);
    *count = groups->slots[index].count;
    return true;
}
