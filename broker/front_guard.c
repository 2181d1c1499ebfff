/* What a key may do at ingest and append, asked for each event, and what is done when it may no longer. */
#include "broker/front_internal.h"

/* Of a turn. */
#define TURN_SUBSCRIPTIONS 4096

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

static void find_realms(struct front *front)
{
    for (size_t i = 0; i < front->options.realm_count; i++) {
        struct span name = span_of_str(front->options.realms[i].name + strlen(DOOR_REALM_PREFIX));
        const struct access_realm *realm = access_find_realm(front->guard.view.table, name);
        front->realms[i] = realm ? realm->topics : NULL;
    }
}

void front_guard_begin(struct front *front)
{
    if (front->guard.view.table)
        find_realms(front);
    if (front->guard.view.table && !rates_reset(&front->rates, access_count_limited(front->guard.view.table)))
        log_error("out of memory: the limits of keys are not in force");
}

static void sweep(struct front *front)
{
    guard_sweep(&front->guard, front->monotonic_us);
    stats_set(&front->options.stats->connections_ended, front->guard.kicked);
}

void front_guard_turn(struct front *front)
{
    struct guard *guard = &front->guard;
    front_tell_reload(front);
    if (guard_refresh(guard, front->wall_us)) {
        front_guard_begin(front);
        recheck(front);
        sweep(front);
    } else if (guard->next_kick_us > 0 && front->monotonic_us >= guard->next_kick_us) {
        sweep(front);
    }
}

bool front_identify(struct front *front, const struct door *door)
{
    if (guard_identify(&front->guard, door, &front->message, &front->key))
        return true;
    stats_add(&front->options.stats->messages_denied, 1);
    guard_deny(&front->guard, door, "key no longer valid", &front->message, span_of("", 0));
    return false;
}

/* What the broker says of its log is believed by recovery and by verify: nobody else may say it. */
static bool is_own(const struct event *event)
{
    return span_is(event->category, "BrokerEvent");
}

void front_bar(struct front *front, const struct door *door, const char *name)
{
    uint64_t bar_us = front->options.shares.bar_us;
    log_warning("%s floods the broker, and is kept out for %llu s", name, (unsigned long long)(bar_us / 1000000));
    guard_deny(&front->guard, door, "barred for a flood", &front->message, span_of("", 0));
    stats_add(&front->options.stats->senders_barred, 1);
    if (!front->key) {
        guard_kick(&front->guard, door, &front->message);
        return;
    }
    access_bar(front->key, front->guard.wall_us + bar_us);
    sweep(front);
}

/* What was sent in vain; a flood of it keeps the key out for a while. */
static void note_waste(struct front *front, const struct door *door)
{
    if (rates_refuse(&front->rates, front->key, zmq_msg_size(&front->message), front->monotonic_us) &&
        front->options.shares.bar_us > 0 && !access_is_barred(front->key, front->guard.wall_us))
        front_bar(front, door, front->key->name);
}

bool front_may_send(struct front *front, const struct door *door)
{
    if (rates_allow(&front->rates, front->key, front->monotonic_us))
        return true;
    stats_add(&front->options.stats->messages_throttled, 1);
    stats_add(&front->options.stats->bytes_throttled, zmq_msg_size(&front->message));
    guard_deny(&front->guard, door, "over its limit", &front->message, span_of("", 0));
    note_waste(front, door);
    return false;
}

uint64_t front_debt(struct front *front, access_id owner)
{
    if (owner == 0)
        return 0;
    const struct access_key *key = access_find_id(front->guard.view.table, owner, front->guard.wall_us);
    return key ? rates_debt(&front->rates, key, front->monotonic_us) : 0;
}

void front_charge(struct front *front, const struct door *door, uint64_t events)
{
    if (events > 0)
        rates_charge(&front->rates, front->key, events, zmq_msg_size(&front->message));
    else
        note_waste(front, door);
    if (events == 0)
        front_share_vain(front, door);
}

const char *front_forbids(struct front *front, const struct door *door, const struct event *event)
{
    if (is_own(event)) {
        stats_add(&front->options.stats->events_denied, 1);
        if (front->key)
            guard_deny(&front->guard, door, "the broker's own category", &front->message, span_of("", 0));
        return "category";
    }
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
    uint64_t step;
    if (front_is_held(front, front_sender(front), &step) && step == 0) {
        *code = "busy";
        return "more than a fair share is sent from there: say hello again after a pause";
    }
    if (!key)
        return NULL;
    if (!access_may_produce(key, producer)) {
        guard_deny(&front->guard, front->options.append, "forbidden producer", &front->message, producer);
        *code = "denied";
        return "this key may not bear that name";
    }
    if (rates_debt(&front->rates, key, front->monotonic_us) > 0) {
        *code = "busy";
        return "this key has sent more than it may: say hello again after a pause";
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
    sweep(front);
    guard_flush(&front->guard);
    front_tell_denials(front);
}

/* What subscribers say is told to us so that it is known whose connection that is (doors.c). True when one was there. */
static bool take_subscription(struct front *front, const struct door *live)
{
    if (zmq_msg_recv(&front->message, live->socket, ZMQ_DONTWAIT) < 0)
        return false;
    const uint8_t *bytes = zmq_msg_data(&front->message);
    /* a subscriber that went away is told of without its key */
    if (zmq_msg_size(&front->message) == 0 || (bytes[0] == 0 && !zmq_msg_gets(&front->message, "User-Id")))
        return true;
    if (!front_identify(front, live))
        return true;
    const char *reason = bytes[0] > 1 ? "a message at live" : "too many subscriptions";
    if (bytes[0] > 1 || !guard_count_subscription(&front->guard, live, &front->message, front->key, bytes[0] == 1)) {
        guard_deny(&front->guard, live, reason, &front->message, span_of("", 0));
        guard_kick(&front->guard, live, &front->message);
    }
    return true;
}

void front_take_subscriptions(struct front *front)
{
    for (size_t i = 0; i <= front->options.realm_count; i++) {
        const struct door *live = i == 0 ? front->options.live : &front->options.realms[i - 1];
        unsigned count = 0;
        while (live->socket && live->is_secured && count < TURN_SUBSCRIPTIONS && take_subscription(front, live))
            count++;
    }
}
