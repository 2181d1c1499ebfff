/* What waits for one target, oldest first: bounded, in order for each alert, and no faster than its receiver's rate_limit.
 * Pure. */
#ifndef CLIENT_ALERT_LANE_H
#define CLIENT_ALERT_LANE_H

#include "client/alert/letter.h"
#include "client/alert/receiver.h"

#define LANE_NOTICES_MAX 10000u                /* of all letters */
#define LANE_AT_ONCE     8u                    /* deliveries under way */
#define LANE_GIVE_UP_US  UINT64_C(86400000000) /* a day */
#define LANE_LIMIT_MAX   10000u                /* of a rate_limit's at_most */

struct delivery {
    struct letter letter;
    char id[LETTER_ID_MAX]; /* the same at each attempt, and over restarts */
    uint64_t number;        /* in the order of queueing */
    uint64_t queued_us;     /* wall clock */
    unsigned attempts;
    int64_t due_us; /* monotonic: not before */
    bool is_chosen; /* of a lane with a limit: it counts, may be under way or have been, and stays as it is */
    bool is_under_way;
};

struct lane {
    const struct receiver *receiver;
    const struct target *target;
    size_t index; /* of the target in its receiver */
    struct delivery **items;
    size_t count;
    size_t notices; /* in all of them */
    size_t under_way;
    uint64_t dropped;
    int64_t told_us;       /* when its trouble was told last; 0: it has none */
    int64_t told_limit_us; /* the same of its limit */
    bool is_limited;       /* it was told that the lane is full */
    int64_t *chosen_us;    /* monotonic: when the last ones were chosen, a ring of limit_count */
    size_t chosen_at;
};

void lane_fini(struct lane *lane);

/* Adds a copy of the letter. Where the lane is full the oldest that is not under way makes room, and *has_dropped is
 * set. NULL: out of memory. */
struct delivery *lane_add(struct lane *lane, const struct letter *letter, const char *id, uint64_t queued_us,
                          bool *has_dropped);

/* Of a lane with a limit: where more wait than may go now they become one, or as few as hold them all; and chooses those
 * that may go. Each that became another gets a new id and `*number`, counted up. Returns how many letters were merged. In
 * lane_limit.c. */
size_t lane_choose(struct lane *lane, int64_t now_us, uint64_t *number);

/* Whether the lane has a limit: its target is for people, and its receiver has one. */
bool lane_has_limit(const struct lane *lane);

/* The next delivery whose time has come, of those up to `number`; none of a group of which an earlier one is still there.
 * NULL: none. */
struct delivery *lane_next(const struct lane *lane, int64_t now_us, uint64_t number);

/* Whether a delivery of this key waits or is under way. */
bool lane_has(const struct lane *lane, const char *key);
void lane_remove(struct lane *lane, struct delivery *delivery);

/* How long after its attempt number `attempts` (from 1) a delivery waits: 1 s, 2 s, 4 s … 5 minutes at most, times
 * `random`, which is of [0, 2^32), over 2^32. */
int64_t lane_pause_us(unsigned attempts, uint32_t random);

#endif
