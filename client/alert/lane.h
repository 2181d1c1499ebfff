/* What waits for one target, oldest first: bounded, and in order for each alert. Pure. */
#ifndef CLIENT_ALERT_LANE_H
#define CLIENT_ALERT_LANE_H

#include "client/alert/notice.h"
#include "client/alert/receiver.h"

#define LANE_DELIVERIES_MAX 10000u
#define LANE_AT_ONCE        8u                    /* deliveries under way */
#define LANE_GIVE_UP_US     UINT64_C(86400000000) /* a day */
#define DELIVERY_ID_MAX     40u

struct delivery {
    struct notice notice;
    char id[DELIVERY_ID_MAX]; /* the same at each attempt, and over restarts */
    uint64_t queued_us;       /* wall clock */
    unsigned attempts;
    int64_t due_us; /* monotonic: not before */
    bool is_under_way;
};

struct lane {
    const struct receiver *receiver;
    const struct target *target;
    size_t index; /* of the target in its receiver */
    struct delivery **items;
    size_t count;
    size_t under_way;
    uint64_t dropped;
    int64_t told_us; /* when its trouble was told last; 0: it has none */
    bool is_limited; /* it was told that the lane is full */
};

void lane_fini(struct lane *lane);

/* Adds a copy of the notice. Where the lane is full the oldest that is not under way makes room, and *has_dropped is
 * set. False: out of memory. */
bool lane_add(struct lane *lane, const struct notice *notice, const char *id, uint64_t queued_us, bool *has_dropped);

/* The next delivery whose time has come; none of an alert of which an earlier one is still there. NULL: none. */
struct delivery *lane_next(const struct lane *lane, int64_t now_us);

/* Whether a delivery of this alert waits or is under way. */
bool lane_has(const struct lane *lane, const char *fingerprint);
void lane_remove(struct lane *lane, struct delivery *delivery);

/* How long after its attempt number `attempts` (from 1) a delivery waits: 1 s, 2 s, 4 s … 5 minutes at most, times
 * `random`, which is of [0, 2^32), over 2^32. */
int64_t lane_pause_us(unsigned attempts, uint32_t random);

#endif
