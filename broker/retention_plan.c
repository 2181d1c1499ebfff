#include "broker/retention_plan.h"

const char *retention_reason_word(enum retention_reason reason)
{
    static const char *const words[] = {
        [RETENTION_BY_AGE] = "age", [RETENTION_BY_SIZE] = "size", [RETENTION_BY_ROOM] = "room"};
    return words[reason];
}

static bool is_older(const struct retention_item *item, uint64_t now_us, uint64_t age_s)
{
    return age_s != RETENTION_NEVER && now_us >= item->ended_us && (now_us - item->ended_us) / 1000000 >= age_s;
}

static bool wants_room(const struct retention_limits *limits, const struct retention_view *view)
{
    if (view->disk_bytes == 0 || !view->may_free)
        return false; /* it cannot be told now */
    return view->disk_free_bytes < limits->free_bytes ||
           view->disk_free_bytes < view->disk_bytes / 100 * limits->free_percent;
}

static bool is_too_large(const struct retention_limits *limits, const struct retention_view *view)
{
    uint64_t bytes = view->current_bytes;
    for (size_t i = 0; i < view->count; i++)
        bytes += view->items[i].bytes;
    return bytes > limits->bytes;
}

struct retention_step retention_plan(const struct retention_limits *limits, const struct retention_view *view)
{
    struct retention_step step = {RETENTION_NOTHING, 0, RETENTION_BY_AGE};
    size_t count = view->count > 0 ? view->count - 1 : 0; /* that may be touched */
    bool may_prune = count > 0 && view->items[0].is_tied && !view->items[0].is_used;

    if (may_prune && (is_older(&view->items[0], view->now_us, limits->age_s) || wants_room(limits, view))) {
        bool is_old = is_older(&view->items[0], view->now_us, limits->age_s);
        return (struct retention_step){RETENTION_PRUNE, 0, is_old ? RETENTION_BY_AGE : RETENTION_BY_ROOM};
    }
    for (size_t i = 0; i < count; i++) {
        const struct retention_item *item = &view->items[i];
        if (item->is_plain && !item->is_barred && is_older(item, view->now_us, limits->pack_after_s))
            return (struct retention_step){RETENTION_PACK, i, RETENTION_BY_AGE};
    }
    if (may_prune && is_too_large(limits, view))
        step = (struct retention_step){RETENTION_PRUNE, 0, RETENTION_BY_SIZE};
    return step;
}
