#include "broker/guard.h"

#define USER_ID "User-Id"
#define ADDRESS "Peer-Address"

void guard_init(struct guard *guard, struct access_gate *gate, struct denials *denials)
{
    *guard = (struct guard){.view = {.gate = gate}, .denials = denials};
    access_view_refresh(&guard->view);
}

void guard_fini(struct guard *guard)
{
    guard_flush(guard);
    access_view_end(&guard->view);
}

bool guard_refresh(struct guard *guard, uint64_t wall_us)
{
    guard->wall_us = wall_us;
    return access_view_refresh(&guard->view);
}

bool guard_identify(const struct guard *guard, const struct door *door, zmq_msg_t *message,
                    const struct access_key **key)
{
    *key = NULL;
    if (!door->is_secured)
        return true;
    const char *id = zmq_msg_gets(message, USER_ID);
    if (id)
        *key = access_find(guard->view.table, span_of_str(id), guard->wall_us);
    return *key != NULL;
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
