#include "client/alert/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_US INT64_C(1000000)
#define PAUSE_MAX_US   INT64_C(300000000)
#define LOOK_AHEAD     64u /* deliveries that one looks through for the next */

static void free_delivery(struct delivery *delivery)
{
    notice_fini(&delivery->notice);
    free(delivery);
}

void lane_fini(struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++)
        free_delivery(lane->items[i]);
    free(lane->items);
    *lane = (struct lane){.count = 0};
}

void lane_remove(struct lane *lane, struct delivery *delivery)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->items[i] != delivery)
            continue;
        lane->under_way -= delivery->is_under_way;
        free_delivery(delivery);
        lane->count--;
        memmove(&lane->items[i], &lane->items[i + 1], (lane->count - i) * sizeof(struct delivery *));
        return;
    }
}

static void make_room(struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->items[i]->is_under_way)
            continue;
        lane_remove(lane, lane->items[i]);
        lane->dropped++;
        return;
    }
}

bool lane_add(struct lane *lane, const struct notice *notice, const char *id, uint64_t queued_us, bool *has_dropped)
{
    if (!lane->items) {
        lane->items = calloc(LANE_DELIVERIES_MAX, sizeof(struct delivery *));
        lane->count = 0;
    }
    if (!lane->items)
        return false;
    struct delivery *delivery = calloc(1, sizeof *delivery);
    if (!delivery)
        return false;
    if (!notice_copy(&delivery->notice, notice)) {
        free_delivery(delivery);
        return false;
    }
    snprintf(delivery->id, sizeof delivery->id, "%s", id);
    delivery->queued_us = queued_us;
    if (lane->count == LANE_DELIVERIES_MAX) {
        make_room(lane);
        *has_dropped = true;
    }
    lane->items[lane->count++] = delivery;
    return true;
}

static bool has_earlier(const struct lane *lane, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(lane->items[i]->notice.fingerprint, lane->items[index]->notice.fingerprint) == 0)
            return true;
    }
    return false;
}

struct delivery *lane_next(const struct lane *lane, int64_t now_us)
{
    if (lane->under_way >= LANE_AT_ONCE)
        return NULL;
    for (size_t i = 0; i < lane->count && i < LOOK_AHEAD; i++) {
        struct delivery *delivery = lane->items[i];
        if (!delivery->is_under_way && delivery->due_us <= now_us && !has_earlier(lane, i))
            return delivery;
    }
    return NULL;
}

bool lane_has(const struct lane *lane, const char *fingerprint)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (strcmp(lane->items[i]->notice.fingerprint, fingerprint) == 0)
            return true;
    }
    return false;
}

int64_t lane_pause_us(unsigned attempts, uint32_t random)
{
    int64_t pause_us = PAUSE_FIRST_US << (attempts < 10 ? attempts - 1 : 9);
    if (pause_us > PAUSE_MAX_US)
        pause_us = PAUSE_MAX_US;
    return (int64_t)((double)pause_us * random / 4294967296.0);
}
