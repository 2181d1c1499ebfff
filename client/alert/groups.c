/* An open hash table of pointers, half full at most, and a heap of those that are due. The heap has room for all, so
 * that setting a time cannot fail. */
#include "client/alert/groups.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64u
#define NOWHERE  UINT32_MAX

struct groups {
    struct group **slots;
    struct group **heap;
    size_t room; /* of the slots; the heap has half of it */
    size_t count;
    size_t due_count;
    uint64_t seed;
};

static bool make_room(struct groups *groups, size_t room)
{
    groups->slots = calloc(room, sizeof(struct group *));
    groups->heap = calloc(room / 2, sizeof(struct group *));
    groups->room = room;
    return groups->slots && groups->heap;
}

struct groups *groups_new(uint64_t seed)
{
    struct groups *groups = calloc(1, sizeof *groups);
    if (!groups)
        return NULL;
    groups->seed = seed;
    if (!make_room(groups, ROOM_MIN))
        groups_free(&groups);
    return groups;
}

static void free_group(struct group *group)
{
    free(group->times_us);
    free(group->event);
    free(group->key);
    free(group);
}

void groups_free(struct groups **self)
{
    struct groups *groups = *self;
    if (!groups)
        return;
    for (size_t i = 0; groups->slots && i < groups->room; i++) {
        if (groups->slots[i])
            free_group(groups->slots[i]);
    }
    free(groups->slots);
    free(groups->heap);
    free(groups);
    *self = NULL;
}

static uint64_t hash_of(const struct groups *groups, uint32_t rule, struct span key)
{
    uint64_t hash = (groups->seed ^ UINT64_C(14695981039346656037)) + rule * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 29;
}

/* Where the group is, or where it would go. */
static size_t find_slot(const struct groups *groups, uint64_t hash, uint32_t rule, struct span key)
{
    size_t at = hash & (groups->room - 1);
    for (const struct group *group; (group = groups->slots[at]) != NULL; at = (at + 1) & (groups->room - 1)) {
        if (group->hash == hash && group->rule == rule && span_equals(span_of(group->key, group->key_len), key))
            break;
    }
    return at;
}

struct group *groups_find(const struct groups *groups, uint32_t rule, struct span key)
{
    return groups->slots[find_slot(groups, hash_of(groups, rule, key), rule, key)];
}

static bool grow(struct groups *groups)
{
    struct groups old = *groups;
    if (!make_room(groups, 2 * old.room)) {
        free(groups->slots);
        free(groups->heap);
        *groups = old;
        return false;
    }
    for (size_t i = 0; i < old.room; i++) {
        struct group *group = old.slots[i];
        if (group)
            groups->slots[find_slot(groups, group->hash, group->rule, span_of(group->key, group->key_len))] = group;
    }
    memcpy(groups->heap, old.heap, old.due_count * sizeof(struct group *));
    free(old.slots);
    free(old.heap);
    return true;
}

struct group *groups_add(struct groups *groups, uint32_t rule, struct span key)
{
    if (2 * (groups->count + 1) > groups->room && !grow(groups))
        return NULL;
    struct group *group = calloc(1, sizeof *group);
    uint8_t *copy = malloc(key.len + 1);
    if (!group || !copy) {
        free(group);
        free(copy);
        return NULL;
    }
    if (key.len > 0)
        memcpy(copy, key.data, key.len);
    *group = (struct group){.rule = rule,
                            .key = copy,
                            .key_len = (uint32_t)key.len,
                            .due_us = UINT64_MAX,
                            .due_place = NOWHERE,
                            .hash = hash_of(groups, rule, key)};
    groups->slots[find_slot(groups, group->hash, rule, key)] = group;
    groups->count++;
    return group;
}

/* Those behind that would be found no more move up. */
static void close_gap(struct groups *groups, size_t gap)
{
    size_t mask = groups->room - 1;
    for (size_t at = (gap + 1) & mask; groups->slots[at]; at = (at + 1) & mask) {
        size_t home = groups->slots[at]->hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        groups->slots[gap] = groups->slots[at];
        groups->slots[at] = NULL;
        gap = at;
    }
}

void groups_remove(struct groups *groups, struct group *group)
{
    groups_set_due(groups, group, UINT64_MAX);
    size_t at = find_slot(groups, group->hash, group->rule, span_of(group->key, group->key_len));
    groups->slots[at] = NULL;
    close_gap(groups, at);
    groups->count--;
    free_group(group);
}

static void put(struct groups *groups, size_t place, struct group *group)
{
    groups->heap[place] = group;
    group->due_place = (uint32_t)place;
}

/* What is due at the same moment has an order too, so that it is the same whenever it is read. */
static bool is_before(const struct group *a, const struct group *b)
{
    if (a->due_us != b->due_us || a->rule != b->rule)
        return a->due_us != b->due_us ? a->due_us < b->due_us : a->rule < b->rule;
    int order = memcmp(a->key, b->key, a->key_len < b->key_len ? a->key_len : b->key_len);
    return order != 0 ? order < 0 : a->key_len < b->key_len;
}

static void sift_up(struct groups *groups, struct group *group, size_t place)
{
    for (; place > 0 && is_before(group, groups->heap[(place - 1) / 2]); place = (place - 1) / 2)
        put(groups, place, groups->heap[(place - 1) / 2]);
    put(groups, place, group);
}

static void sift_down(struct groups *groups, struct group *group, size_t place)
{
    for (size_t child; (child = 2 * place + 1) < groups->due_count; place = child) {
        if (child + 1 < groups->due_count && is_before(groups->heap[child + 1], groups->heap[child]))
            child++;
        if (!is_before(groups->heap[child], group))
            break;
        put(groups, place, groups->heap[child]);
    }
    put(groups, place, group);
}

/* Its place, or the one at the end where it is not in the heap, is where `group` is put in order. */
static void place(struct groups *groups, struct group *group, size_t at)
{
    sift_up(groups, group, at);
    sift_down(groups, group, group->due_place);
}

void groups_set_due(struct groups *groups, struct group *group, uint64_t due_us)
{
    size_t at = group->due_place;
    group->due_us = due_us;
    if (due_us != UINT64_MAX) {
        place(groups, group, at == NOWHERE ? groups->due_count++ : at);
        return;
    }
    if (at == NOWHERE)
        return;
    group->due_place = NOWHERE;
    struct group *last = groups->heap[--groups->due_count];
    if (last != group)
        place(groups, last, at);
}

struct group *groups_first_due(const struct groups *groups)
{
    return groups->due_count > 0 ? groups->heap[0] : NULL;
}

size_t groups_count(const struct groups *groups)
{
    return groups->count;
}

void groups_each(const struct groups *groups, void (*each)(void *context, struct group *group), void *context)
{
    for (size_t i = 0; i < groups->room; i++) {
        if (groups->slots[i])
            each(context, groups->slots[i]);
    }
}
