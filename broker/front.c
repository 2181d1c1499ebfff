/* A turn: publish what is settled, take what has come, beat once a second, and sleep only when there was nothing of
 * either. At the stop what has arrived is still taken, and the journal's last frames go out.
 *
 * What can fail: the ring to the journal is full (front_take.c drops and counts; nobody here waits), and the journal
 * ends by itself (SETTLED_END comes unasked: this thread ends too, and main is told by the journal). */
#include "broker/front.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/admitted.h"
#include "broker/clock.h"
#include "broker/front_internal.h"
#include "broker/settled.h"
#include "proto/wire.h"

#define TURN_SETTLED     1024
#define TURN_BUSY        64 /* behind a turn of so many messages there are more */
#define BEAT_INTERVAL_US 1000000
#define LIMIT_US         1000000 /* between two messages of a kind on stderr */

/* After the stop producers may go on until nothing has come for a moment, and so long at most: what was on its way is
 * taken. */
#define LAST_TAKE_US  500000
#define LAST_PAUSE_MS 20

struct front *front_new(const struct front_options *options)
{
    struct front *front = calloc(1, sizeof *front);
    if (!front)
        return NULL;
    front->options = *options;
    front->head_seq = options->head_seq;
    front->drop_limit.interval_us = LIMIT_US;
    front->refusal_limit.interval_us = LIMIT_US;
    front->catalog_limit.interval_us = LIMIT_US;
    text_init(&front->own);
    zmq_msg_init(&front->message);
    zmq_msg_init(&front->route);
    front->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    guard_init(&front->guard, options->gate, options->denials);
    rates_init(&front->rates);
    bool has_shares = shares_init(&front->shares, &options->shares, clock_monotonic_us());
    front_guard_begin(front);
    front->judge = event_judge_new((size_t)options->max_event_bytes, options->seed);
    bool has_waiting = waiting_init(&front->waiting, options->admitted);
    bool is_whole = front->stop_fd >= 0 && front->judge && has_shares && has_waiting &&
                    (!options->append->socket || front_append_open(front));
    if (!is_whole)
        front_free(&front);
    return front;
}

void front_free(struct front **front)
{
    if (!*front)
        return;
    if ((*front)->stop_fd >= 0)
        close((*front)->stop_fd);
    append_free(&(*front)->append);
    guard_fini(&(*front)->guard);
    rates_fini(&(*front)->rates);
    shares_fini(&(*front)->shares);
    waiting_fini(&(*front)->waiting);
    event_judge_free(&(*front)->judge);
    zmq_msg_close(&(*front)->message);
    zmq_msg_close(&(*front)->route);
    text_fini(&(*front)->own);
    free(*front);
    *front = NULL;
}

static void send_live(struct front *front, const void *bytes, size_t len)
{
    void *live = front->options.live->socket;
    if (live)
        zmq_send(live, bytes, len, ZMQ_DONTWAIT); /* a PUB drops for those who are too slow and never fails */
}

/* To the doors of the realms that have the topic which the frame begins with. */
static void send_realms(struct front *front, const char *frame, size_t len)
{
    size_t count = front->options.realm_count;
    struct span topic = span_of(frame, count > 0 ? strnlen(frame, len) : 0);
    for (size_t i = 0; i < count; i++) {
        if (front->realms[i] && prefix_set_has(front->realms[i], topic))
            zmq_send(front->options.realms[i].socket, frame, len, ZMQ_DONTWAIT);
    }
}

static void publish(struct front *front, const struct settled *settled, size_t len)
{
    send_live(front, settled + 1, len - sizeof *settled);
    send_realms(front, (const char *)(settled + 1), len - sizeof *settled);
    front->head_seq = settled->last_seq;
    stats_add(&front->options.stats->frames_published, 1);
    stats_add(&front->options.stats->events_published, settled->event_count);
}

static unsigned take_settled(struct front *front)
{
    unsigned count = 0;
    for (; count < TURN_SETTLED && !front->is_ended; count++) {
        size_t len;
        const struct settled *settled = ring_next(front->options.settled, &len);
        if (!settled)
            break;
        switch ((enum settled_kind)settled->kind) {
        case SETTLED_FRAME:
            publish(front, settled, len);
            break;
        case SETTLED_ACKS:
            front_append_settled(front, (const struct settled_ack *)(settled + 1),
                                 (len - sizeof *settled) / sizeof(struct settled_ack));
            break;
        case SETTLED_END:
            front->is_ended = true;
            break;
        case SETTLED_NOTE:
            break; /* never here */
        }
    }
    if (count > 0)
        ring_release(front->options.settled);
    return count;
}

static void beat(struct front *front)
{
    if (front->monotonic_us < front->next_beat_us)
        return;
    front->next_beat_us = front->monotonic_us + BEAT_INTERVAL_US;
    stats_set(&front->options.stats->ring_bytes_used, waiting_used(&front->waiting));
    waiting_trim(&front->waiting);
    struct text *out = &front->own;
    text_clear(out);
    text_put(out, "~", 2); /* with the NUL that ends the topic */
    wire_write_array(out, 4);
    wire_write_uint(out, 1);
    wire_write_uint(out, front->head_seq);
    wire_write_str(out, span_of_str(front->options.log_id));
    wire_write_uint(out, front->wall_us);
    if (!out->failed)
        send_live(front, out->data, out->len);
    for (size_t i = 0; i < front->options.realm_count && !out->failed; i++)
        zmq_send(front->options.realms[i].socket, out->data, out->len, ZMQ_DONTWAIT);
    front_tell_losses(front, false);
    front_guard_tick(front);
    if (front->append) {
        append_tick(front->append, front->monotonic_us);
        stats_set(&front->options.stats->append_sessions, append_session_count(front->append));
    }
}

static void turn(struct front *front)
{
    front_look_at_clock(front);
    front_guard_turn(front);
    front_share_turn(front);
    health_beat(front->options.health, front->monotonic_us);
    front_take_subscriptions(front);
    front_move_waiting(front);
    unsigned done = take_settled(front);
    done += front_take(front);
    done += front_append_take(front);
    front_append_release(front);
    beat(front);
    if (done < TURN_BUSY && !front->is_ended && !atomic_load(&front->must_stop))
        front_wait(front);
}

/* True when nothing comes for a moment. */
static bool is_quiet(struct front *front)
{
    const struct door *const doors[] = {front->options.ingest, front->options.append};
    zmq_pollitem_t items[2];
    int count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (doors[i]->socket)
            items[count++] = (zmq_pollitem_t){.socket = doors[i]->socket, .events = ZMQ_POLLIN};
    }
    return zmq_poll(items, count, LAST_PAUSE_MS) == 0;
}

/* What producers have sent before the stop. The doors stay open: zmq_unbind would end the connections that have come by
 * them, and with these what waits to be read and to be acknowledged. */
static void take_the_rest(struct front *front)
{
    front_look_at_clock(front);
    uint64_t deadline_us = front->monotonic_us + LAST_TAKE_US;
    while (!front->is_ended && front->monotonic_us < deadline_us) {
        front_look_at_clock(front);
        unsigned done = take_settled(front) + front_take(front) + front_append_take(front);
        if (done == 0 && is_quiet(front))
            break;
    }
    front_tell_reload(front); /* of the moment before the stop */
    front_tell_losses(front, true);
    guard_flush(&front->guard);
    front_tell_denials(front);
}

/* Until the journal has ended. */
static void publish_the_rest(struct front *front)
{
    bool is_told = false;
    while (!front->is_ended) {
        waiting_move(&front->waiting, true);
        if (!is_told && !waiting_has_queue(&front->waiting)) {
            struct admitted *stop = ring_reserve(front->options.admitted, sizeof *stop);
            is_told = stop != NULL;
            if (stop) {
                *stop = (struct admitted){.kind = ADMITTED_STOP};
                ring_commit(front->options.admitted, sizeof *stop);
                ring_flush(front->options.admitted);
            }
        }
        if (take_settled(front) == 0 && ring_arm(front->options.settled)) {
            zmq_pollitem_t item = {.fd = ring_fd(front->options.settled), .events = ZMQ_POLLIN};
            zmq_poll(&item, 1, is_told ? 1000 : 1);
            ring_disarm(front->options.settled);
        }
    }
}

static void *run(void *arg)
{
    struct front *front = arg;
    cpu_wait_open(&front->cpu_wait);
    while (!front->is_ended && !atomic_load(&front->must_stop))
        turn(front);
    if (!front->is_ended)
        take_the_rest(front);
    publish_the_rest(front);
    front->next_beat_us = 0;
    beat(front);
    cpu_wait_close(&front->cpu_wait);
    return NULL;
}

int front_start(struct front *front)
{
    return pthread_create(&front->thread, NULL, run, front) == 0 ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

void front_stop(struct front *front)
{
    atomic_store(&front->must_stop, true);
    front_wake(front);
}

void front_wake(struct front *front)
{
    uint64_t one = 1;
    ssize_t written = write(front->stop_fd, &one, sizeof one);
    (void)written;
}

void front_join(struct front *front)
{
    pthread_join(front->thread, NULL);
}
