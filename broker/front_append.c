/* The append door: messages in and out of its socket; the rules are append.c's. */
#include <errno.h>

#include "broker/admitted.h"
#include "broker/front_internal.h"
#include "broker/health.h"
#include "proto/error.h"

#define RELEASE_INTERVAL_US 20000

/* Messages of a turn, and how many of them the journal waits for at most. */
#define TURN_MESSAGES  256
#define FLUSH_MESSAGES 16
#define TURN_BYTES     (1u << 17)

static bool admit(void *arg, const struct event *event, const struct append_origin *origin)
{
    struct front *front = arg;
    front_count_event(front, event);
    if (!front_admit(front, event, origin))
        return false;
    stats_add(&front->options.stats->events_accepted, 1);
    return true;
}

static bool send_message(void *arg, struct span route, struct span message)
{
    struct front *front = arg;
    /* unroutable, or the peer does not read: no waiting here */
    return door_begin_message(front->options.append, route) &&
           zmq_send(front->options.append->socket, message.data, message.len, ZMQ_DONTWAIT) >= 0;
}

static void refused(void *arg, const struct refusal *refusal)
{
    struct front *front = arg;
    stats_add(&front->options.stats->events_received, 1);
    front_refuse(front, refusal);
}

static bool is_writable(void *arg)
{
    struct front *front = arg;
    return health_get(front->options.health) != HEALTH_DISK_FULL;
}

static const char *forbids(void *arg, const struct event *event)
{
    struct front *front = arg;
    return front_forbids(front, front->options.append, event);
}

static const char *forbids_producer(void *arg, struct span producer, const char **code)
{
    return front_forbids_producer(arg, producer, code);
}

static uint64_t sender(void *arg)
{
    return front_sender(arg);
}

static uint64_t held(void *arg, access_id owner, uint64_t sender_id, uint64_t *step)
{
    return front_is_held(arg, sender_id, step) ? 0 : front_debt(arg, owner);
}

bool front_append_open(struct front *front)
{
    struct append_options options = {
        .log_id = front->options.log_id,
        .judge = front->judge,
        .window = front->options.append_window,
        .max_producers = (size_t)front->options.max_producers,
        .max_sessions = FRONT_APPEND_SESSIONS_MAX,
        .seed = front->options.seed,
        .port = {front, admit, send_message, refused, is_writable, forbids, forbids_producer, sender, held},
    };
    front->append = append_new(&options);
    if (!front->append)
        return false;
    size_t at = 0;
    struct span name;
    struct producer_last last;
    while (producers_next(front->options.producers, &at, &name, &last)) {
        if (!append_restore(front->append, name, &last))
            return false;
    }
    return true;
}

/* The parts of a message behind its route. One is right; what has more is nobody's message. */
static bool receive(struct front *front, struct span *route, struct span *message)
{
    void *socket = front->options.append->socket;
    if (zmq_msg_recv(&front->route, socket, ZMQ_DONTWAIT) < 0)
        return false;
    *route = span_of(zmq_msg_data(&front->route), zmq_msg_size(&front->route));
    *message = span_of("", 0);
    bool has_more = zmq_msg_more(&front->route);
    if (!has_more) { /* and no message of an earlier one */
        zmq_msg_close(&front->message);
        zmq_msg_init(&front->message);
    }
    for (size_t parts = 0; has_more; parts++) {
        if (zmq_msg_recv(&front->message, socket, 0) < 0) /* the parts of a message come together */
            return false;
        taken_note_asked(front->options.taken, front->options.append, &front->message);
        has_more = zmq_msg_more(&front->message);
        if (parts == 0 && !has_more)
            *message = span_of(zmq_msg_data(&front->message), zmq_msg_size(&front->message));
    }
    return true;
}

unsigned front_append_take(struct front *front)
{
    if (!front->options.append->socket)
        return 0;
    unsigned count = 0;
    struct span route;
    struct span message;
    size_t len = 0;
    while (count < TURN_MESSAGES && len < TURN_BYTES && receive(front, &route, &message)) {
        if (count++ == 0)
            front_look_at_clock(front); /* since the turn began it may have waited */
        len += message.len;
        if (front_identify(front, front->options.append) && front_has_share(front, front->options.append, true)) {
            uint64_t events = stats_get(&front->options.stats->events_received);
            append_take(front->append, route, front->key ? front->key->id : 0, message, front->monotonic_us);
            front_charge(front, front->options.append, stats_get(&front->options.stats->events_received) - events);
        }
        if (count % FLUSH_MESSAGES == 0 || waiting_has_queue(&front->waiting))
            front_move_waiting(front);
    }
    if (count > 0)
        front_move_waiting(front);
    if (len >= TURN_BYTES)
        front_look_around(front->options.append->socket);
    return count;
}

void front_append_settled(struct front *front, const struct settled_ack *acks, size_t count)
{
    for (size_t i = 0; i < count && front->append; i++)
        append_settled(front->append, acks[i].slot, &acks[i].last);
}

void front_append_release(struct front *front)
{
    if (!front->append || front->monotonic_us < front->next_release_us)
        return;
    append_release(front->append);
    front->next_release_us = front->monotonic_us + RELEASE_INTERVAL_US;
}
