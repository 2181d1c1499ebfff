#include "client/outbox.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zmq.h>

#include "client/clock.h"
#include "proto/tocsin_base.h"

/* About what a frame costs beside its bytes. */
#define FRAME_OVERHEAD 192

struct outbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t limit;
    size_t bytes; /* under way, with what they cost besides */
    uint64_t frames;
    uint64_t events;
    bool is_released;
};

struct frame {
    struct outbox *outbox;
    size_t len;
    uint32_t events;
    uint8_t bytes[];
};

struct outbox *outbox_new(size_t limit_bytes)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        return NULL;
    outbox->limit = limit_bytes;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return outbox;
}

/* Unlocks, and ends the outbox when neither owner nor frames are left. */
static void unlock(struct outbox *outbox)
{
    bool is_over = outbox->is_released && outbox->frames == 0;
    pthread_mutex_unlock(&outbox->lock);
    if (!is_over)
        return;
    pthread_cond_destroy(&outbox->changed);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox);
}

void outbox_release(struct outbox **outbox)
{
    if (!*outbox)
        return;
    pthread_mutex_lock(&(*outbox)->lock);
    (*outbox)->is_released = true;
    unlock(*outbox);
    *outbox = NULL;
}

static size_t cost_of(size_t len)
{
    return len + FRAME_OVERHEAD;
}

static bool has_room(const struct outbox *outbox, size_t len)
{
    return outbox->frames == 0 || (outbox->bytes <= outbox->limit && cost_of(len) <= outbox->limit - outbox->bytes);
}

/* False when the deadline has passed. */
static bool wait_until(struct outbox *outbox, int64_t deadline_us)
{
    if (deadline_us == CLOCK_NEVER)
        return pthread_cond_wait(&outbox->changed, &outbox->lock) == 0;
    if (deadline_us <= clock_now_us())
        return false;
    struct timespec until = {(time_t)(deadline_us / 1000000), (long)(deadline_us % 1000000) * 1000};
    return pthread_cond_timedwait(&outbox->changed, &outbox->lock, &until) == 0;
}

int outbox_wait_room(struct outbox *outbox, size_t len, int64_t deadline_us)
{
    pthread_mutex_lock(&outbox->lock);
    while (!has_room(outbox, len) && wait_until(outbox, deadline_us))
        continue;
    int error = has_room(outbox, len) ? TOCSIN_OK : TOCSIN_E_FULL;
    pthread_mutex_unlock(&outbox->lock);
    return error;
}

int outbox_wait_empty(struct outbox *outbox, int64_t deadline_us)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->frames > 0 && wait_until(outbox, deadline_us))
        continue;
    int error = outbox->frames == 0 ? TOCSIN_OK : TOCSIN_E_TIMEOUT;
    pthread_mutex_unlock(&outbox->lock);
    return error;
}

/* libzmq gives a frame back, from a thread of its own. */
static void give_back(void *bytes, void *hint)
{
    (void)bytes;
    struct frame *frame = hint;
    struct outbox *outbox = frame->outbox;
    pthread_mutex_lock(&outbox->lock);
    outbox->bytes -= cost_of(frame->len);
    outbox->frames--;
    outbox->events -= frame->events;
    pthread_cond_broadcast(&outbox->changed);
    unlock(outbox);
    free(frame);
}

static struct frame *lend(struct outbox *outbox, struct span bytes, uint32_t events)
{
    struct frame *frame = malloc(sizeof *frame + bytes.len);
    if (!frame)
        return NULL;
    frame->outbox = outbox;
    frame->len = bytes.len;
    frame->events = events;
    memcpy(frame->bytes, bytes.data, bytes.len);
    pthread_mutex_lock(&outbox->lock);
    outbox->bytes += cost_of(bytes.len);
    outbox->frames++;
    outbox->events += events;
    pthread_mutex_unlock(&outbox->lock);
    return frame;
}

int outbox_send(struct outbox *outbox, void *socket, struct span bytes, uint32_t events)
{
    struct frame *frame = lend(outbox, bytes, events);
    if (!frame)
        return TOCSIN_E_NOMEM;
    zmq_msg_t message;
    if (zmq_msg_init_data(&message, frame->bytes, frame->len, give_back, frame) != 0) {
        give_back(frame->bytes, frame);
        return TOCSIN_E_NOMEM;
    }
    if (zmq_msg_send(&message, socket, ZMQ_DONTWAIT) >= 0)
        return TOCSIN_OK;
    zmq_msg_close(&message);
    return TOCSIN_E_IO;
}

uint64_t outbox_events(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    uint64_t events = outbox->events;
    pthread_mutex_unlock(&outbox->lock);
    return events;
}
