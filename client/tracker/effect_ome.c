/* OvenMediaEngine's events: things that come and go, by the sourceId: a server's id, vhost, #vhost#app,
 * #vhost#app/stream. What is gone takes along what was within it, should its end not have been told. */
#include "client/tracker/effect.h"
#include "client/tracker/param.h"

static void end_item(const struct effect *effect, struct item *item)
{
    item->state = item->kind == ITEM_STREAM || item->kind == ITEM_APP || item->kind == ITEM_HOST ? ITEM_STATE_DELETED
                                                                                                 : ITEM_STATE_STOPPED;
    item->since_us = effect->time_us;
    items_touch(effect->tracker->items, item, true);
}

/* Whether `source` lies within the thing: begins with its sourceId and `separator`. */
static bool is_within(struct span source, struct span thing, char separator)
{
    return source.len > thing.len && source.data[thing.len] == (uint8_t)separator &&
           memcmp(source.data, thing.data, thing.len) == 0;
}

/* Whether `source`, #vhost…, lies within a virtual host; a '#' in its name is '_' there. */
static bool is_within_host(struct span source, struct span host)
{
    if (source.len < host.len + 2 || source.data[0] != '#' || source.data[host.len + 1] != '#')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        if (source.data[i + 1] != (host.data[i] == '#' ? '_' : host.data[i]))
            return false;
    }
    return true;
}

static bool goes_along(enum item_kind gone, struct span thing, const struct item *item)
{
    switch (gone) {
    case ITEM_SERVER:
        return true;
    case ITEM_HOST:
        return is_within_host(item->source, thing);
    case ITEM_APP:
        return is_within(item->source, thing, '/');
    case ITEM_STREAM:
        return span_equals(item->source, thing);
    default:
        return false;
    }
}

/* Ends what goes along with a thing that is gone: of the kinds behind its own. The channels are there without their
 * streams, too. */
static void end_within(const struct effect *effect, enum item_kind gone, struct span thing)
{
    for (unsigned kind = (unsigned)gone + 1; kind < ITEM_KIND_COUNT; kind++) {
        if (gone == ITEM_STREAM && (kind == ITEM_SCHEDULE || kind == ITEM_MULTIPLEX))
            continue;
        struct item *next;
        for (struct item *item = items_next(effect->tracker->items, (enum item_kind)kind, false, NULL); item;
             item = next) {
            next = items_next(effect->tracker->items, (enum item_kind)kind, false, item);
            if (goes_along(gone, thing, item))
                end_item(effect, item);
        }
    }
}

static struct item *put(const struct effect *effect, struct span id)
{
    bool is_new;
    struct item *item = effect_obtain(effect, effect->kind, effect->source, id, span_of_str(""), &is_new);
    if (!item)
        return NULL;
    if (is_new || item->is_over || effect->state == ITEM_STATE_CREATED || effect->state == ITEM_STATE_STARTED)
        item->begun_us = effect->time_us;
    item->state = effect->state;
    item->since_us = effect->time_us;
    effect_set_text(effect, item, effect->summary);
    effect_hear(effect, item, effect->is_over);
    return item;
}

/* A single server says of all that nothing of it is there any more; of several one cannot tell whose host it was. */
void effect_server_started(const struct effect *effect)
{
    put(effect, span_of_str(""));
    if (items_count(effect->tracker->items, ITEM_SERVER, false) == 1)
        end_within(effect, ITEM_SERVER, effect->source);
}

void effect_thing(const struct effect *effect)
{
    if (put(effect, span_of_str("")) && effect->is_over)
        end_within(effect, effect->kind, effect->source);
}

bool effect_part(const struct effect *effect)
{
    struct span id;
    if (!param_str(effect->snapshot, "id", &id))
        return false;
    put(effect, id);
    return true;
}

void effect_note(const struct effect *effect)
{
    struct items_key key = {.kind = effect->kind, .source = effect->source};
    struct item *item = items_find(effect->tracker->items, &key);
    if (!item || item->is_over) {
        put(effect, span_of_str(""));
        return;
    }
    effect_set_text(effect, item, effect->summary);
    effect_hear(effect, item, false);
}
