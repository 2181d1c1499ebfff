#include "client/alert/lane.h"

#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST_US INT64_C(1000000)
#define PAUSE_MAX_US   INT64_C(300000000)
#define LOOK_AHEAD     64u /* deliveries that one looks through for the next */

static void free_delivery(struct delivery *delivery)
{
    letter_fini(&delivery->letter);
    free(delivery);
}

void lane_fini(struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++)
        free_delivery(lane->items[i]);
    free(lane->items);
    free(lane->chosen_us);
    *lane = (struct lane){.count = 0};
}

/* Those that keep an incident by its key must hear of each, and put together what is too much by themselves. */
bool lane_has_limit(const struct lane *lane)
{
    return lane->receiver->limit_count > 0 && lane->target->kind != TARGET_ALERTMANAGER &&
           lane->target->kind != TARGET_PAGERDUTY;
}

void lane_remove(struct lane *lane, struct delivery *delivery)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->items[i] != delivery)
            continue;
        lane->under_way -= delivery->is_under_way;
        lane->notices -= delivery->letter.count;
        free_delivery(delivery);
        lane->count--;
        memmove(&lane->items[i], &lane->items[i + 1], (lane->count - i) * sizeof(struct delivery *));
        return;
    }
}

static bool drop_oldest(struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (lane->items[i]->is_under_way)
            continue;
        lane_remove(lane, lane->items[i]);
        lane->dropped++;
        return true;
    }
    return false;
}

struct delivery *lane_add(struct lane *lane, const struct letter *letter, const char *id, uint64_t queued_us,
                          bool *has_dropped)
{
    if (!lane->items)
        lane->items = calloc(LANE_NOTICES_MAX, sizeof(struct delivery *)); /* each has a notice at least */
    struct delivery *delivery = lane->items ? calloc(1, sizeof *delivery) : NULL;
    if (!delivery)
        return NULL;
    if (!letter_copy(&delivery->letter, letter)) {
        free_delivery(delivery);
        return NULL;
    }
    memcpy(delivery->id, id, strnlen(id, sizeof delivery->id - 1));
    delivery->queued_us = queued_us;
    while (lane->notices + letter->count > LANE_NOTICES_MAX && drop_oldest(lane))
        *has_dropped = true;
    lane->items[lane->count++] = delivery;
    lane->notices += letter->count;
    return delivery;
}

/* One that was made of several goes by itself: they may be of any group. */
static bool has_earlier(const struct lane *lane, size_t index)
{
    const struct letter *letter = &lane->items[index]->letter;
    for (size_t i = 0; i < index; i++) {
        const struct letter *earlier = &lane->items[i]->letter;
        if (letter->merged > 0 || earlier->merged > 0 || strcmp(earlier->key, letter->key) == 0)
            return true;
    }
    return false;
}

struct delivery *lane_next(const struct lane *lane, int64_t now_us, uint64_t number)
{
    bool has_limit = lane_has_limit(lane);
    if (lane->under_way >= LANE_AT_ONCE)
        return NULL;
    for (size_t i = 0; i < lane->count && i < LOOK_AHEAD; i++) {
        struct delivery *delivery = lane->items[i];
        if (!delivery->is_under_way && delivery->due_us <= now_us && delivery->number <= number &&
            (delivery->is_chosen || !has_limit) && !has_earlier(lane, i))
            return delivery;
    }
    return NULL;
}

bool lane_has(const struct lane *lane, const char *key)
{
    for (size_t i = 0; i < lane->count; i++) {
        if (strcmp(lane->items[i]->letter.key, key) == 0)
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
