/* The limit of a receiver: so many notices within a time, in any such time. What comes faster is told together. */
#include <stdlib.h>

#include "client/alert/lane.h"

static size_t count_room(const struct lane *lane, int64_t now_us)
{
    size_t room = 0;
    for (size_t i = 0; i < lane->receiver->limit_count; i++)
        room += lane->chosen_us[i] <= now_us - (int64_t)lane->receiver->limit_us;
    return room;
}

static size_t count_fresh(const struct lane *lane)
{
    size_t fresh = 0;
    for (size_t i = 0; i < lane->count; i++)
        fresh += !lane->items[i]->is_chosen;
    return fresh;
}

/* Takes the later one into the earlier, and it is gone. */
static bool merge(struct lane *lane, struct delivery *into, struct delivery *later)
{
    size_t before = into->letter.count;
    bool is_merged = letter_merge(&into->letter, &later->letter);
    lane->notices += into->letter.count - before;
    if (is_merged)
        lane_remove(lane, later);
    return is_merged;
}

static size_t merge_fresh(struct lane *lane, uint64_t *number)
{
    size_t merged = 0;
    struct delivery *into = NULL, *changed = NULL;
    for (size_t i = 0; i < lane->count;) {
        struct delivery *delivery = lane->items[i];
        if (!delivery->is_chosen && into && merge(lane, into, delivery)) {
            merged++;
            if (changed != into)
                into->number = ++*number;
            changed = into;
            letter_make_id(into->id, &into->letter, lane->receiver->name, lane->index);
            continue;
        }
        if (!delivery->is_chosen)
            into = delivery;
        i++;
    }
    return merged;
}

size_t lane_choose(struct lane *lane, int64_t now_us, uint64_t *number)
{
    uint32_t limit = lane->receiver->limit_count;
    size_t fresh = lane_has_limit(lane) ? count_fresh(lane) : 0, merged = 0;
    if (fresh == 0)
        return 0;
    if (!lane->chosen_us) {
        lane->chosen_us = malloc(limit * sizeof *lane->chosen_us);
        for (size_t i = 0; lane->chosen_us && i < limit; i++)
            lane->chosen_us[i] = INT64_MIN;
    }
    size_t room = lane->chosen_us ? count_room(lane, now_us) : 0;
    if (room > 0 && fresh > room)
        merged = merge_fresh(lane, number);
    for (size_t i = 0; i < lane->count && room > 0; i++) {
        if (lane->items[i]->is_chosen)
            continue;
        lane->items[i]->is_chosen = true;
        lane->chosen_us[lane->chosen_at] = now_us;
        lane->chosen_at = (lane->chosen_at + 1) % limit;
        room--;
    }
    return merged;
}
