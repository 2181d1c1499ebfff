#include "broker/waiting.h"

#include <string.h>

/* So much in the ring is a millisecond of the journal's work; where the disk is slow, so much for each microsecond that it
 * takes: then a batch is worth its sync, and costs those who wait for it about as much as that alone. */
#define SHORT_MIN      (128u << 10)
#define SHORT_MAX      (4u << 20)
#define SHORT_A_US     128
#define SHORT_PART_MAX 8 /* of a small ring */

/* So much of the room is kept for those that send no more than their share: the first is for who is found out already. */
#define KEPT_PART      4
#define KEPT_PART_LAST 8

bool waiting_init(struct waiting *waiting, struct ring *out)
{
    *waiting = (struct waiting){.out = out};
    waiting_fit(waiting, 0);
    waiting->queue = ring_new(ring_capacity(out));
    return waiting->queue != NULL;
}

void waiting_fini(struct waiting *waiting)
{
    if (waiting->queue)
        ring_free(&waiting->queue);
}

void waiting_fit(struct waiting *waiting, uint64_t sync_us)
{
    uint64_t len = sync_us < SHORT_MAX / SHORT_A_US ? sync_us * SHORT_A_US : SHORT_MAX;
    size_t part = ring_capacity(waiting->out) / SHORT_PART_MAX;
    waiting->short_len = len > SHORT_MIN ? (size_t)len : SHORT_MIN;
    if (waiting->short_len > part)
        waiting->short_len = part;
}

static size_t queued(const struct waiting *waiting)
{
    return (size_t)(waiting->put - waiting->moved);
}

void *waiting_reserve(struct waiting *waiting, size_t len, bool is_behind)
{
    if (!is_behind && !waiting_has_queue(waiting))
        return ring_reserve(waiting->out, len);
    size_t room = ring_capacity(waiting->out) - (is_behind ? ring_capacity(waiting->out) / KEPT_PART_LAST : 0);
    if (queued(waiting) + len > room || ring_is_longer(waiting->out, room - queued(waiting) - len))
        return NULL;
    return ring_reserve(is_behind ? waiting->queue : waiting->out, len);
}

void waiting_commit(struct waiting *waiting, size_t len, bool is_behind)
{
    ring_commit(is_behind ? waiting->queue : waiting->out, len);
    if (!is_behind)
        return;
    waiting->put += len;
    waiting->count++;
}

/* The queue's first message is kept in mind until there is room for it. */
static bool move_one(struct waiting *waiting)
{
    if (!waiting->next) {
        ring_release(waiting->queue);
        waiting->next = ring_next(waiting->queue, &waiting->next_len);
    }
    void *message = waiting->next ? ring_reserve(waiting->out, waiting->next_len) : NULL;
    if (!message)
        return false;
    memcpy(message, waiting->next, waiting->next_len);
    ring_commit(waiting->out, waiting->next_len);
    waiting->moved += waiting->next_len;
    waiting->count--;
    waiting->next = NULL;
    return true;
}

void waiting_move(struct waiting *waiting, bool all)
{
    if (waiting_has_queue(waiting)) {
        ring_flush(waiting->queue);
        while ((all || !waiting_is_long(waiting)) && move_one(waiting))
            ;
        if (!waiting->next)
            ring_release(waiting->queue);
    }
    ring_flush(waiting->out);
}

void waiting_trim(struct waiting *waiting)
{
    ring_trim(waiting->out);
    ring_trim(waiting->queue);
}

size_t waiting_used(const struct waiting *waiting)
{
    return ring_used(waiting->out) + queued(waiting);
}

bool waiting_is_nearly_full(const struct waiting *waiting)
{
    size_t capacity = ring_capacity(waiting->out);
    return waiting_used(waiting) > capacity - capacity / KEPT_PART;
}
