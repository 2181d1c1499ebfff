/* The alerts of all rules by their keys, and when something is due for each. Pure. */
#ifndef CLIENT_ALERT_GROUPS_H
#define CLIENT_ALERT_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

enum group_state {
    GROUP_QUIET,   /* remembered only: events counted, a source that was heard */
    GROUP_PENDING, /* the state has not lasted long enough yet */
    GROUP_FIRING,
};

struct group {
    uint32_t rule; /* its index */
    enum group_state state;
    bool is_expected;  /* of an ABSENT: waited for from the start on, and never forgotten */
    bool is_known;     /* of a NEW: no longer new */
    uint64_t since_us; /* of the state */
    uint64_t heard_us; /* the last event that matched */
    uint64_t seq;
    uint64_t events;
    uint64_t *times_us;   /* of a COUNT: of the last events, a ring; NULL before the first */
    uint32_t step_events; /* that have come since the last time was noted */
    uint32_t time_count;
    uint32_t time_at; /* the oldest, when the ring is full */
    uint8_t *event;   /* the event that raised it, owned */
    uint32_t event_len;
    uint8_t *key; /* owned */
    uint32_t key_len;
    uint64_t due_us;    /* UINT64_MAX: nothing is due */
    uint32_t due_place; /* in the heap; UINT32_MAX: not in it */
    uint64_t hash;
};

struct groups;

struct groups *groups_new(uint64_t seed);
void groups_free(struct groups **groups);

/* The group of a rule and a key, NULL where there is none. Groups stay where they are until they are removed. */
struct group *groups_find(const struct groups *groups, uint32_t rule, struct span key);

/* Adds what is not there yet; NULL: out of memory. */
struct group *groups_add(struct groups *groups, uint32_t rule, struct span key);
void groups_remove(struct groups *groups, struct group *group);

/* Sets when the group is due; UINT64_MAX: not at all. */
void groups_set_due(struct groups *groups, struct group *group, uint64_t due_us);

/* The group that is due first, NULL where none is due. */
struct group *groups_first_due(const struct groups *groups);

size_t groups_count(const struct groups *groups);

/* Calls `each` for all, in no order; it may not add or remove any. */
void groups_each(const struct groups *groups, void (*each)(void *context, struct group *group), void *context);

#endif
