#include "client/tracker/tracker.h"

bool tracker_is_gone(const struct tracker *tracker, struct span source)
{
    static const enum item_kind kinds[] = {ITEM_STREAM, ITEM_APP, ITEM_HOST};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct items_key key = {.kind = kinds[i], .source = source};
        const struct item *item = items_find(tracker->items, &key);
        if (item)
            return item->is_over;
    }
    return false;
}

bool tracker_is_silent(const struct tracker *tracker, const struct item *source, uint64_t now_us, uint64_t stale_us)
{
    return stale_us > 0 && now_us > source->received_us && now_us - source->received_us >= stale_us &&
           !tracker_is_gone(tracker, source->source);
}
