/* The publisher: made, connected, ended. */
#include <stdlib.h>
#include <zmq.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/endpoint.h"
#include "client/publisher.h"
#include "client/socket.h"
#include "client/watch.h"

#define QUEUE_BYTES_DEFAULT ((size_t)16 * 1024 * 1024)
#define TIMEOUT_DEFAULT_MS  5000
#define UPSTREAM_BYTES_MAX  1024 /* a subscription; the broker has nothing else to say */

static int timeout_or_default(int timeout_ms)
{
    if (timeout_ms == 0)
        return TIMEOUT_DEFAULT_MS;
    return timeout_ms == TOCSIN_NOWAIT ? 0 : timeout_ms;
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
    curve_forget(&publisher->curve);
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
    if (!socket_set_defaults(publisher->socket, endpoint, &publisher->curve, UPSTREAM_BYTES_MAX) ||
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
    int error = curve_take(&publisher->curve, options->curve);
    if (!error)
        error = connect_socket(publisher, endpoint);
    if (error)
        return error;
    int timeout_ms = timeout_or_default(options->connect_timeout_ms);
    if (timeout_ms != 0)
        error = publisher_wait_broker(publisher, clock_deadline_us(clock_now_us(), timeout_ms));
    if (error || !publisher->collects)
        return error;
    return publisher_start_flusher(publisher);
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

int tocsin_publisher_close(struct tocsin_publisher **publisher, uint64_t *unsent)
{
    if (unsent)
        *unsent = 0;
    if (!publisher || !*publisher)
        return TOCSIN_OK;
    struct tocsin_publisher *closing = *publisher;
    *publisher = NULL;
    publisher_stop_flusher(closing);
    int64_t deadline_us = clock_deadline_us(clock_now_us(), closing->close_timeout_ms);
    int error = publisher_flush(closing, deadline_us);
    if (!error)
        publisher_wait_settled(closing, deadline_us);
    struct tocsin_publisher_stats stats;
    tocsin_publisher_stats(closing, &stats);
    if (unsent)
        *unsent = stats.waiting;
    /* What was handed to the operating system may be in libzmq's last write still. */
    fini(closing, stats.waiting > 0 ? 0 : TIMEOUT_DEFAULT_MS);
    return stats.waiting > 0 ? error : TOCSIN_OK;
}
