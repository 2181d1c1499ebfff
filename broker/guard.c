#include "broker/guard.h"

#define USER_ID "User-Id"
#define ADDRESS "Peer-Address"

void guard_init(struct guard *guard, struct access_gate *gate, struct denials *denials)
{
    *guard = (struct guard){.view = {.gate = gate}, .denials = denials};
    peers_init(&guard->peers);
    access_view_refresh(&guard->view);
}

void guard_fini(struct guard *guard)
{
    guard_flush(guard);
    peers_fini(&guard->peers);
    access_view_end(&guard->view);
}

bool guard_refresh(struct guard *guard, uint64_t wall_us)
{
    guard->wall_us = wall_us;
    return access_view_refresh(&guard->view);
}

/* So often a connection is looked at that goes on sending. */
#define NOTE_AGAIN_US 1000000

static void note(struct guard *guard, const struct door *door, zmq_msg_t *message, const char *id, access_id owner)
{
    size_t slot = ((uintptr_t)id >> 4) % GUARD_RECENT;
    if (guard->recent[slot].id == id && guard->wall_us - guard->recent[slot].noted_us < NOTE_AGAIN_US)
        return;
    guard->recent[slot].id = id;
    guard->recent[slot].noted_us = guard->wall_us;
    peers_note(&guard->peers, door, message, owner);
}

void guard_kick(struct guard *guard, const struct door *door, zmq_msg_t *message)
{
    struct peer *peer = peers_note(&guard->peers, door, message, 0);
    if (!peer)
        return;
    peer->kick_us = 1; /* at once: there is nothing to say to him */
    guard->next_kick_us = 1;
}

bool guard_identify(struct guard *guard, const struct door *door, zmq_msg_t *message, const struct access_key **key)
{
    *key = NULL;
    if (!door->is_secured)
        return true;
    const char *id = zmq_msg_gets(message, USER_ID);
    if (id)
        *key = access_find(guard->view.table, span_of_str(id), guard->wall_us);
    if (*key) {
        note(guard, door, message, id, (*key)->id);
        return true;
    }
    guard_kick(guard, door, message);
    return false;
}

static bool may_stay(void *arg, const struct peer *peer)
{
    const struct guard *guard = arg;
    if (!peer->door->is_secured)
        return true;
    const struct access_key *key = access_find_id(guard->view.table, peer->owner, guard->wall_us);
    return key && access_may_open(key, peer->door->name) && !access_is_barred(key, guard->wall_us);
}

void guard_sweep(struct guard *guard, uint64_t monotonic_us)
{
    size_t ended;
    guard->next_kick_us = peers_sweep(&guard->peers, monotonic_us, may_stay, guard, &ended);
    guard->kicked += ended;
}

bool guard_count_subscription(struct guard *guard, const struct door *door, zmq_msg_t *message,
                              const struct access_key *key, bool is_new)
{
    struct peer *peer = peers_note(&guard->peers, door, message, key->id);
    if (!peer)
        return true;
    if (is_new)
        peer->subscriptions++;
    else if (peer->subscriptions > 0)
        peer->subscriptions--;
    return peer->subscriptions <= GUARD_SUBSCRIPTIONS_MAX;
}

static struct span property(zmq_msg_t *message, const char *name)
{
    const char *value = zmq_msg_gets(message, name);
    return value ? span_of_str(value) : span_of("", 0);
}

void guard_deny(struct guard *guard, const struct door *door, const char *reason, zmq_msg_t *message,
                struct span producer)
{
    struct denial *last = &guard->last;
    struct span id = property(message, USER_ID);
    if (last->count > 0 && last->door == door->name && last->reason == reason && span_is(id, last->key) &&
        span_is(producer, last->producer)) {
        last->count++;
        return;
    }
    guard_flush(guard);
    *last = (struct denial){.door = door->name, .reason = reason, .count = 1};
    denial_put(last->key, sizeof last->key, id);
    denial_put(last->address, sizeof last->address, property(message, ADDRESS));
    denial_put(last->producer, sizeof last->producer, producer);
}

void guard_flush(struct guard *guard)
{
    if (guard->last.count == 0)
        return;
    denials_note(guard->denials, &guard->last);
    guard->last.count = 0;
}
