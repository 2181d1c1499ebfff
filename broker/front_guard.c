/* What a key may do at ingest and append, asked for each event, and what is done when it may no longer. */
#include "broker/front_internal.h"

static bool may_stay(void *arg, access_id owner, struct span producer)
{
    const struct front *front = arg;
    const struct access_key *key = access_find_id(front->guard.view.table, owner, front->guard.wall_us);
    return key && access_may_publish(key) && access_may_produce(key, producer);
}

static void recheck(struct front *front)
{
    if (front->append && front->options.append->is_secured)
        append_recheck(front->append, may_stay);
}

void front_guard_turn(struct front *front)
{
    if (guard_refresh(&front->guard, front->wall_us))
        recheck(front);
}

bool front_identify(struct front *front, const struct door *door)
{
    if (guard_identify(&front->guard, door, &front->message, &front->key))
        return true;
    stats_add(&front->options.stats->messages_denied, 1);
    guard_deny(&front->guard, door, "key no longer valid", &front->message, span_of("", 0));
    return false;
}

const char *front_forbids(struct front *front, const struct door *door, const struct event *event)
{
    if (!front->key)
        return NULL;
    const char *field = access_forbids_event(front->key, event->category, event->source_id);
    if (!field)
        return NULL;
    stats_add(&front->options.stats->events_denied, 1);
    guard_deny(&front->guard, door, field[0] == 'c' ? "forbidden category" : "forbidden sourceId", &front->message,
               span_of("", 0));
    return field;
}

const char *front_forbids_producer(struct front *front, struct span producer, const char **code)
{
    const struct access_key *key = front->key;
    if (!key)
        return NULL;
    if (!access_may_produce(key, producer)) {
        guard_deny(&front->guard, front->options.append, "forbidden producer", &front->message, producer);
        *code = "denied";
        return "this key may not bear that name";
    }
    size_t limit = (size_t)key->limits.sessions;
    if (limit > 0 && append_count_of(front->append, key->id, producer, limit) >= limit) {
        guard_deny(&front->guard, front->options.append, "too many sessions", &front->message, producer);
        *code = "busy";
        return "this key has as many sessions as it may have";
    }
    return NULL;
}

void front_guard_tick(struct front *front)
{
    recheck(front);
    guard_flush(&front->guard);
    front_tell_denials(front);
}
