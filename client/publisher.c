/* The publisher: an XPUB socket that connects to the broker's ingest.
 *
 * The happy path: opening waits for the subscription that the broker's SUB socket sends (a PUB socket would drop what
 * it is given before that). An event is judged, put into the collector's frame, and the frame is handed to the outbox
 * at once, when it is full, or by the flusher thread a millisecond after the frame before.
 *
 * What can fail: the broker goes away: the connection is made anew by libzmq, and as the socket is not ZMQ_IMMEDIATE
 * its pipe stays, with the subscription and with the frames in it, so they leave when the broker is back. The outbox is
 * full: publishing waits, then fails, and the event is not taken. A broker that takes its subscription back counts as
 * not there. A TCP connection that is closed before the subscription has been read is reset, and what was sent on it
 * may be lost with it; so closing waits until each connection that was made has brought its subscription.
 *
 * One mutex guards the socket and the collector: the thread that holds it is the one that uses them. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <zmq.h>

#include "client/clock.h"
#include "client/collector.h"
#include "client/context.h"
#include "client/endpoint.h"
#include "client/event_compose.h"
#include "client/outbox.h"
#include "client/socket.h"
#include "client/tocsin.h"
#include "client/watch.h"

#define QUEUE_BYTES_DEFAULT ((size_t)16 * 1024 * 1024)
#define TIMEOUT_DEFAULT_MS  5000
#define UPSTREAM_BYTES_MAX  1024 /* a subscription; the broker has nothing else to say */
#define RETRY_US            10000

struct tocsin_publisher {
    pthread_mutex_t lock;
    pthread_cond_t wake; /* of the flusher */
    pthread_t flusher;
    bool has_flusher;
    bool is_closing;
    bool collects;
    bool has_broker;        /* its subscription is here */
    uint64_t handshakes;    /* connections made */
    uint64_t subscriptions; /* that they brought */
    void *context;
    void *own_context;
    void *socket;
    void *watch;
    struct collector collector;
    struct outbox *outbox;
    int send_timeout_ms;
    int close_timeout_ms;
    size_t max_event_bytes;
    struct tocsin_publisher_stats stats;
};

static int timeout_or_default(int timeout_ms)
{
    if (timeout_ms == 0)
        return TIMEOUT_DEFAULT_MS;
    return timeout_ms == TOCSIN_NOWAIT ? 0 : timeout_ms;
}

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

/* Waits until no connection is without its subscription. */
static void wait_settled(struct tocsin_publisher *publisher, int64_t deadline_us)
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

/* Waits for the broker's subscription; 0, TOCSIN_E_UNREACHABLE or TOCSIN_E_INTERRUPTED. */
static int wait_for_broker(struct tocsin_publisher *publisher, int64_t deadline_us)
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
    int error = wait_for_broker(publisher, deadline_us);
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
static int start_flusher(struct tocsin_publisher *publisher)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    publisher->has_flusher = pthread_create(&publisher->flusher, NULL, run_flusher, publisher) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return publisher->has_flusher ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static void stop_flusher(struct tocsin_publisher *publisher)
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

static void init(struct tocsin_publisher *publisher, const struct tocsin_publisher_options *options)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&publisher->lock, NULL);
    pthread_cond_init(&publisher->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    collector_init(&publisher->collector);
    publisher->collects = !options->collects_nothing;
    publisher->own_context = options->zmq_context;
    publisher->send_timeout_ms = timeout_or_default(options->send_timeout_ms);
    publisher->close_timeout_ms = timeout_or_default(options->close_timeout_ms);
    publisher->max_event_bytes = options->max_event_bytes ? options->max_event_bytes : TOCSIN_EVENT_BYTES_MAX;
}

/* Ends everything; what is under way may still leave within `linger_ms`. */
static void fini(struct tocsin_publisher *publisher, int linger_ms)
{
    if (publisher->socket) {
        watch_close(&publisher->watch, publisher->socket);
        zmq_setsockopt(publisher->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        zmq_close(publisher->socket);
    }
    context_release(publisher->context, publisher->own_context);
    outbox_release(&publisher->outbox);
    collector_fini(&publisher->collector);
    pthread_cond_destroy(&publisher->wake);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher);
}

static int connect_socket(struct tocsin_publisher *publisher, const char *endpoint)
{
    publisher->context = context_acquire(publisher->own_context);
    if (!publisher->context)
        return TOCSIN_E_NOMEM;
    publisher->socket = zmq_socket(publisher->context, ZMQ_XPUB);
    if (!publisher->socket)
        return TOCSIN_E_NOMEM;
    publisher->watch = watch_open(publisher->context, publisher->socket);
    if (!publisher->watch)
        return TOCSIN_E_NOMEM;
    int no_mark = 0, tells_each = 1; /* also a subscription that it has already, on a new connection */
    if (!socket_set_defaults(publisher->socket, endpoint, UPSTREAM_BYTES_MAX) ||
        zmq_setsockopt(publisher->socket, ZMQ_SNDHWM, &no_mark, sizeof no_mark) != 0 ||
        zmq_setsockopt(publisher->socket, ZMQ_XPUB_VERBOSE, &tells_each, sizeof tells_each) != 0 ||
        zmq_connect(publisher->socket, endpoint) != 0)
        return TOCSIN_E_INVALID;
    return TOCSIN_OK;
}

static int begin(struct tocsin_publisher *publisher, const struct tocsin_publisher_options *options,
                 const char *endpoint)
{
    publisher->outbox = outbox_new(options->queue_bytes ? options->queue_bytes : QUEUE_BYTES_DEFAULT);
    if (!publisher->outbox)
        return TOCSIN_E_NOMEM;
    int error = connect_socket(publisher, endpoint);
    if (error)
        return error;
    int timeout_ms = timeout_or_default(options->connect_timeout_ms);
    if (timeout_ms != 0)
        error = wait_for_broker(publisher, clock_deadline_us(clock_now_us(), timeout_ms));
    if (error || !publisher->collects)
        return error;
    return start_flusher(publisher);
}

int tocsin_publisher_open(struct tocsin_publisher **publisher, const struct tocsin_publisher_options *options)
{
    static const struct tocsin_publisher_options defaults;
    if (!publisher)
        return TOCSIN_E_INVALID;
    *publisher = NULL;
    if (!options)
        options = &defaults;
    char endpoint[ENDPOINT_MAX];
    int error = endpoint_choose(options->ingest, options->server, ENDPOINT_INGEST, endpoint);
    if (error)
        return error;
    struct tocsin_publisher *made = calloc(1, sizeof *made);
    if (!made)
        return TOCSIN_E_NOMEM;
    init(made, options);
    error = begin(made, options, endpoint);
    if (error) {
        fini(made, 0);
        return error;
    }
    *publisher = made;
    return TOCSIN_OK;
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

static int flush(struct tocsin_publisher *publisher, int64_t deadline_us)
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
    return publisher ? flush(publisher, clock_deadline_us(clock_now_us(), timeout_ms)) : TOCSIN_E_INVALID;
}

void tocsin_publisher_stats(struct tocsin_publisher *publisher, struct tocsin_publisher_stats *stats)
{
    pthread_mutex_lock(&publisher->lock);
    *stats = publisher->stats;
    stats->waiting = publisher->collector.events + outbox_events(publisher->outbox);
    pthread_mutex_unlock(&publisher->lock);
}

int tocsin_publisher_close(struct tocsin_publisher **publisher, uint64_t *unsent)
{
    if (unsent)
        *unsent = 0;
    if (!publisher || !*publisher)
        return TOCSIN_OK;
    struct tocsin_publisher *closing = *publisher;
    *publisher = NULL;
    stop_flusher(closing);
    int64_t deadline_us = clock_deadline_us(clock_now_us(), closing->close_timeout_ms);
    int error = flush(closing, deadline_us);
    if (!error)
        wait_settled(closing, deadline_us);
    struct tocsin_publisher_stats stats;
    tocsin_publisher_stats(closing, &stats);
    if (unsent)
        *unsent = stats.waiting;
    /* What was handed to the operating system may be in libzmq's last write still. */
    fini(closing, stats.waiting > 0 ? 0 : TIMEOUT_DEFAULT_MS);
    return stats.waiting > 0 ? error : TOCSIN_OK;
}
