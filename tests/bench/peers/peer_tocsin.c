/* tocsind with libtocsin on both ends: live, and loss-free by append and stream. */
#include "tests/bench/peers/peer_tocsin.h"

#include <stdio.h>
#include <stdlib.h>
#include <tocsin_append.h>
#include <tocsin_stream.h>

#include "tests/bench/bench_middle.h"

#define POLL_MS 50

enum setting { LIVE, DURABLE };

struct broker {
    struct middle middle;
    bool is_durable;    /* append and stream, else live */
    unsigned producers; /* that were opened, for their names */
};

struct producer {
    struct tocsin_event *event;
    struct tocsin_publisher *publisher; /* one of the two */
    struct tocsin_appender *appender;
};

struct consumer {
    const struct broker *broker;
    struct topic_range topics;
    struct tocsin_subscriber *subscriber; /* one of the two */
    struct tocsin_stream *stream;
    struct sink *sink;
    struct reader reader;
};

static void check(int error, const char *what)
{
    if (error)
        peer_fail("tocsin", what, tocsin_error_text(error));
}

static const char *log_to_use;

void peer_tocsin_use_log(const char *log_dir)
{
    log_to_use = log_dir;
}

/* The setting's name is what --sync takes. */
static void *start(const struct peer *peer)
{
    struct broker *broker = peer_new(sizeof *broker);
    broker->is_durable = peer->setting == DURABLE;
    if (log_to_use)
        middle_start_broker_on(&broker->middle, peer->how, log_to_use);
    else
        middle_start_broker(&broker->middle, peer->how);
    return broker;
}

static void open_appender(struct broker *broker, struct producer *producer)
{
    char name[32];
    snprintf(name, sizeof name, "bench-%u", broker->producers++);
    struct tocsin_appender_options options = {.append = broker->middle.append, .producer = name};
    check(tocsin_appender_open(&producer->appender, &options), "appender");
}

static void *open_producer(void *started)
{
    struct broker *broker = started;
    struct producer *producer = peer_new(sizeof *producer);
    struct tocsin_publisher_options options = {.ingest = broker->middle.ingest};
    producer->event = tocsin_event_new();
    peer_check(producer->event != NULL, "tocsin", "out of memory");
    if (broker->is_durable)
        open_appender(broker, producer);
    else
        check(tocsin_publisher_open(&producer->publisher, &options), "publisher");
    return producer;
}

static void publish(void *handle, const struct peer_event *event)
{
    struct producer *producer = handle;
    check(tocsin_event_from_msgpack(producer->event, event->data, event->len), "event");
    if (producer->publisher)
        check(tocsin_publish(producer->publisher, producer->event), "publish");
    else
        check(tocsin_append(producer->appender, producer->event, NULL), "append");
}

static void flush(void *handle)
{
    struct producer *producer = handle;
    if (producer->publisher)
        check(tocsin_publisher_flush(producer->publisher, -1), "flush");
    else
        check(tocsin_appender_flush(producer->appender, -1), "flush");
}

static void close_producer(void *handle)
{
    struct producer *producer = handle;
    if (producer->publisher)
        tocsin_publisher_close(&producer->publisher, NULL);
    else
        tocsin_appender_close(&producer->appender, NULL);
    tocsin_event_free(&producer->event);
    free(producer);
}

static void take(struct consumer *consumer, int error, const struct tocsin_message *message)
{
    if (error == TOCSIN_E_TIMEOUT)
        return;
    check(error, "next");
    peer_check(message->kind != TOCSIN_MESSAGE_GAP, "tocsin", "events were lost");
    if (message->kind == TOCSIN_MESSAGE_EVENT)
        sink_take(consumer->sink, message->summary.data, message->summary.len);
}

/* Filters for a range of topics, and the texts that they point to; both freed by the caller. */
static struct tocsin_filter *filters_of(struct topic_range topics, char (**names)[16])
{
    struct tocsin_filter *filters = peer_new((topics.count + 1) * sizeof *filters);
    *names = peer_new((topics.count + 1) * sizeof **names);
    for (unsigned i = 0; i < topics.count; i++) {
        snprintf((*names)[i], sizeof **names, PEER_SOURCE, topics.first + i);
        filters[i] = (struct tocsin_filter){TOCSIN_FILTER_SOURCE, PEER_CATEGORY, (*names)[i]};
    }
    return filters;
}

static void open_end(struct consumer *consumer)
{
    char(*names)[16];
    unsigned count = consumer->topics.count;
    struct tocsin_filter *filters = filters_of(consumer->topics, &names);
    struct tocsin_filter all = {TOCSIN_FILTER_CATEGORY, PEER_CATEGORY, NULL};
    if (consumer->broker->is_durable) {
        struct tocsin_stream_options options = {.stream = consumer->broker->middle.stream,
                                                .filters = count ? filters : &all,
                                                .filter_count = count ? count : 1};
        check(tocsin_stream_open(&consumer->stream, &options), "stream");
    } else {
        struct tocsin_subscriber_options options = {
            .live = consumer->broker->middle.live, .filters = filters, .filter_count = count};
        check(tocsin_subscriber_open(&consumer->subscriber, &options), "subscriber");
    }
    free(filters);
    free(names);
}

/* Opened here, since a subscriber waits for its first heartbeat: many of them do so at the same time. */
static void *consume(void *arg)
{
    struct consumer *consumer = arg;
    struct tocsin_message message;
    open_end(consumer);
    while (reader_goes_on(&consumer->reader))
        take(consumer,
             consumer->stream ? tocsin_stream_next(consumer->stream, &message, POLL_MS)
                              : tocsin_subscriber_next(consumer->subscriber, &message, POLL_MS),
             &message);
    return NULL;
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    struct consumer *consumer = peer_new(sizeof *consumer);
    consumer->broker = started;
    consumer->topics = topics;
    consumer->sink = sink;
    reader_start(&consumer->reader, "tocsin", consume, consumer);
    return consumer;
}

static void close_consumer(void *handle)
{
    struct consumer *consumer = handle;
    reader_stop(&consumer->reader);
    if (consumer->stream)
        tocsin_stream_close(&consumer->stream);
    else
        tocsin_subscriber_close(&consumer->subscriber);
    free(consumer);
}

static void stop(void *started)
{
    struct broker *broker = started;
    peer_check(server_stop(&broker->middle.server, NULL), "tocsin", "tocsind did not end well");
    free(broker);
}

static const struct peer_way way = {NULL,           start,         open_producer,  publish, flush,
                                    close_producer, open_consumer, close_consumer, stop};

const struct peer peer_tocsin_none = {"tocsind", "none", LIVE, true, &way};
const struct peer peer_tocsin_interval = {"tocsind", "interval=100", LIVE, true, &way};
const struct peer peer_tocsin_batch = {"tocsind", "batch", LIVE, true, &way};
const struct peer peer_tocsin_durable = {"tocsind append", "batch", DURABLE, true, &way};
