/* The publisher: an XPUB socket that connects to the broker's ingest.
 *
 * The happy path: opening waits for the subscription that the broker's SUB socket sends (a PUB socket would drop what
 * it is given before that). An event is judged, put into the collector's frame, and the frame is handed to the outbox
 * at once, when it is full, or by the flusher thread a moment after the frame before.
 *
 * What can fail: the broker goes away: the connection is made anew by libzmq, and as the socket is not ZMQ_IMMEDIATE
 * its pipe stays, with the subscription and with the frames in it, so they leave when the broker is back. The outbox is
 * full: publishing waits, then fails, and the event is not taken. A broker that takes its subscription back counts as
 * not there. A TCP connection that is closed before the subscription has been read is reset, and what was sent on it
 * may be lost with it; so closing waits until each connection that was made has brought its subscription.
 *
 * One mutex guards the socket and the collector: the thread that holds it is the one that uses them. */
#include "client/publisher.h"

#include <errno.h>
#include <signal.h>
#include <zmq.h>

#include "client/clock.h"
#include "client/event_compose.h"
#include "client/watch.h"

#define RETRY_US 10000

/* Takes what the broker says: 1 subscribes, 0 takes it back. */
static void read_subscriptions(struct tocsin_publisher *publisher)
{
    char message[2];
    int len;
    while ((len = zmq_recv(publisher->socket, message, sizeof message, ZMQ_DONTWAIT)) >= 0) {
        if (len != 1)
            continue;
        publisher->has_broker = message[0] == 1;
        publisher->subscriptions += message[0] == 1;
    }
    publisher->handshakes += watch_take_handshakes(publisher->watch);
}

void publisher_wait_settled(struct tocsin_publisher *publisher, int64_t deadline_us)
{
    read_subscriptions(publisher);
    for (int64_t now_us; publisher->subscriptions < publisher->handshakes; read_subscriptions(publisher)) {
        now_us = clock_now_us();
        if (now_us >= deadline_us)
            return;
        zmq_pollitem_t item = {.socket = publisher->socket, .events = ZMQ_POLLIN};
        zmq_poll(&item, 1, clock_left_ms(deadline_us, now_us));
    }
}

int publisher_wait_broker(struct tocsin_publisher *publisher, int64_t deadline_us)
{
    read_subscriptions(publisher);
    while (!publisher->has_broker) {
        int64_t now_us = clock_now_us();
        if (now_us >= deadline_us)
            return TOCSIN_E_UNREACHABLE;
        zmq_pollitem_t item = {.socket = publisher->socket, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, clock_left_ms(deadline_us, now_us)) < 0 && zmq_errno() == EINTR)
            return TOCSIN_E_INTERRUPTED;
        read_subscriptions(publisher);
    }
    return TOCSIN_OK;
}

/* Hands the collected frame to the outbox, waiting for broker and room until the deadline. */
static int send_frame(struct tocsin_publisher *publisher, int64_t deadline_us)
{
    struct collector *collector = &publisher->collector;
    if (collector->events == 0)
        return TOCSIN_OK;
    int error = publisher_wait_broker(publisher, deadline_us);
    if (!error)
        error = outbox_wait_room(publisher->outbox, collector->frame.len, deadline_us);
    if (!error)
        error = outbox_send(publisher->outbox, publisher->socket, text_span(&collector->frame), collector->events);
    if (error)
        return error;
    publisher->stats.frames++;
    collector_sent(collector, clock_now_us());
    return TOCSIN_OK;
}

static void sleep_until(struct tocsin_publisher *publisher, int64_t until_us)
{
    struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
    pthread_cond_timedwait(&publisher->wake, &publisher->lock, &until);
}

/* Sends collected frames when they are due; tries again a little later when there is no room. */
static void *run_flusher(void *argument)
{
    struct tocsin_publisher *publisher = argument;
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->is_closing) {
        if (publisher->collector.events == 0) {
            pthread_cond_wait(&publisher->wake, &publisher->lock);
            continue;
        }
        int64_t now_us = clock_now_us();
        if (now_us < collector_due_us(&publisher->collector))
            sleep_until(publisher, collector_due_us(&publisher->collector));
        else if (send_frame(publisher, now_us) != TOCSIN_OK)
            sleep_until(publisher, now_us + RETRY_US);
    }
    pthread_mutex_unlock(&publisher->lock);
    return NULL;
}

/* The thread takes no signals: they belong to the program. */
int publisher_start_flusher(struct tocsin_publisher *publisher)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    publisher->has_flusher = pthread_create(&publisher->flusher, NULL, run_flusher, publisher) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return publisher->has_flusher ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

void publisher_stop_flusher(struct tocsin_publisher *publisher)
{
    if (!publisher->has_flusher)
        return;
    pthread_mutex_lock(&publisher->lock);
    publisher->is_closing = true;
    pthread_cond_signal(&publisher->wake);
    pthread_mutex_unlock(&publisher->lock);
    pthread_join(publisher->flusher, NULL);
    publisher->has_flusher = false;
}

/* Adds the event to the frame, which is sent before if it would grow too long. */
static int collect(struct tocsin_publisher *publisher, struct span event)
{
    if (!collector_fits(&publisher->collector, event.len)) {
        int error = send_frame(publisher, clock_deadline_us(clock_now_us(), publisher->send_timeout_ms));
        if (error)
            return error;
    }
    return collector_add(&publisher->collector, event) ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

/* An event alone in its frame leaves at once or not at all. */
static int send_alone(struct tocsin_publisher *publisher, struct span event)
{
    if (!collector_add(&publisher->collector, event))
        return TOCSIN_E_NOMEM;
    int error = send_frame(publisher, clock_deadline_us(clock_now_us(), publisher->send_timeout_ms));
    if (error)
        collector_sent(&publisher->collector, clock_now_us());
    return error;
}

static int publish(struct tocsin_publisher *publisher, struct span event)
{
    struct collector *collector = &publisher->collector;
    if (!publisher->collects)
        return send_alone(publisher, event);
    bool was_empty = collector->events == 0;
    int error = collect(publisher, event);
    if (error)
        return error;
    int64_t now_us = clock_now_us();
    bool is_due = now_us >= collector_due_us(collector);
    if (is_due && send_frame(publisher, now_us) == TOCSIN_OK)
        return TOCSIN_OK;
    if (was_empty || is_due)
        pthread_cond_signal(&publisher->wake);
    return TOCSIN_OK;
}

int tocsin_publish(struct tocsin_publisher *publisher, struct tocsin_event *event)
{
    if (!publisher || !event)
        return TOCSIN_E_INVALID;
    int error = event_compose_limit(event, publisher->max_event_bytes);
    struct span bytes;
    if (!error)
        error = tocsin_event_encode(event, &bytes.data, &bytes.len);
    if (error)
        return error;
    pthread_mutex_lock(&publisher->lock);
    error = publish(publisher, bytes);
    if (!error)
        publisher->stats.events++;
    pthread_mutex_unlock(&publisher->lock);
    return error;
}

int publisher_flush(struct tocsin_publisher *publisher, int64_t deadline_us)
{
    pthread_mutex_lock(&publisher->lock);
    int error = send_frame(publisher, deadline_us);
    pthread_mutex_unlock(&publisher->lock);
    if (error == TOCSIN_E_UNREACHABLE || error == TOCSIN_E_FULL)
        return TOCSIN_E_TIMEOUT;
    return error ? error : outbox_wait_empty(publisher->outbox, deadline_us);
}

int tocsin_publisher_flush(struct tocsin_publisher *publisher, int timeout_ms)
{
    return publisher ? publisher_flush(publisher, clock_deadline_us(clock_now_us(), timeout_ms)) : TOCSIN_E_INVALID;
}

void tocsin_publisher_stats(struct tocsin_publisher *publisher, struct tocsin_publisher_stats *stats)
{
    pthread_mutex_lock(&publisher->lock);
    *stats = publisher->stats;
    stats->waiting = publisher->collector.events + outbox_events(publisher->outbox);
    pthread_mutex_unlock(&publisher->lock);
}
