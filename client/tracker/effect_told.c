/* What a tracker has published: StatusChanged events say of which things it was told that something is wrong, or well
 * again. So one that is started anew goes on where the last one stood, with the log as its memory. */
#include "client/tracker/effect.h"
#include "client/tracker/param.h"
#include "client/tracker/verdict.h"

bool effect_told(const struct effect *effect)
{
    struct span subject, source, name = span_of_str(""), part = span_of_str("");
    bool is_ok, is_new;
    int64_t last_seen_us = 0;
    if (!param_str(effect->snapshot, "subject", &subject) || !param_str(effect->snapshot, "source", &source) ||
        !param_bool(effect->snapshot, "ok", &is_ok) || verdict_kind(subject) == ITEM_KIND_COUNT)
        return false;
    param_str(effect->snapshot, "name", &name);
    param_str(effect->snapshot, "part", &part);
    struct items_key key = {verdict_kind(subject), source, name, part};
    struct item *item = items_find(effect->tracker->items, &key);
    /* the last event of a source may be told behind this one */
    if (!item && key.kind == ITEM_SOURCE && param_int(effect->snapshot, "lastSeenUs", &last_seen_us) &&
        last_seen_us > 0) {
        item = effect_obtain(effect, ITEM_SOURCE, source, name, part, &is_new);
        if (item)
            item->since_us = item->received_us = (uint64_t)last_seen_us;
    }
    if (!item || effect->seq < item->told_seq)
        return true;
    item->is_told_bad = !is_ok;
    item->told_seq = effect->seq;
    return true;
}
