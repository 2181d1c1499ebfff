#include "client/tracker/effect.h"

struct item *effect_obtain(const struct effect *effect, enum item_kind kind, struct span source, struct span name,
                           struct span part, bool *is_new)
{
    struct items_key key = {kind, source, name, part};
    *is_new = items_find(effect->tracker->items, &key) == NULL;
    struct item *item = items_obtain(effect->tracker->items, &key);
    if (!item)
        effect->tracker->is_short_of_memory = true;
    return item;
}

void effect_hear(const struct effect *effect, struct item *item, bool is_over)
{
    item->received_us = effect->received_us;
    item->seq = effect->seq;
    items_touch(effect->tracker->items, item, is_over);
}

void effect_set_text(const struct effect *effect, struct item *item, struct span text)
{
    if (!items_set_text(effect->tracker->items, item, text))
        effect->tracker->is_short_of_memory = true;
}
