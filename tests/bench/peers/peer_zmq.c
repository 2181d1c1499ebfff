/* Raw ZeroMQ sockets on both ends, one event a frame: through zmq_proxy, which neither reads nor keeps anything, and
 * through tocsind, for producers that do not use the library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "proto/wire.h"
#include "tests/bench/bench_middle.h"
#include "tests/bench/peers/peer.h"

struct raw {
    struct middle middle;
    void *zmq;
    bool is_broker; /* else the forwarder, whose frames come as they were sent */
};

struct raw_consumer {
    const struct raw *raw;
    void *socket;
    struct sink *sink;
    struct reader reader;
};

static const int none = 0;

enum setting { FORWARDER, BROKER };

static void *start(const struct peer *peer)
{
    struct raw *raw = peer_new(sizeof *raw);
    raw->is_broker = peer->setting == BROKER;
    if (raw->is_broker)
        middle_start_broker(&raw->middle, "interval=100");
    else
        middle_start_forwarder(&raw->middle);
    raw->zmq = zmq_ctx_new();
    zmq_ctx_set(raw->zmq, ZMQ_MAX_SOCKETS, 4096);
    return raw;
}

/* XPUB, to see that the other side has subscribed: what was sent before would be lost. */
static void *open_producer(void *started)
{
    struct raw *raw = started;
    char byte;
    void *socket = zmq_socket(raw->zmq, ZMQ_XPUB);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none);
    peer_check(zmq_connect(socket, raw->middle.ingest) == 0 && zmq_recv(socket, &byte, 1, 0) >= 0, "zmq", "producer");
    return socket;
}

static void publish_event(void *producer, const struct peer_event *event)
{
    peer_check(zmq_send(producer, event->data, event->len, 0) >= 0, "zmq", "send");
}

static void publish_frame(void *producer, const struct peer_event *event)
{
    peer_check(zmq_send(producer, event->frame, event->frame_len, 0) >= 0, "zmq", "send");
}

static void flush(void *producer)
{
    (void)producer;
}

static void close_socket(void *socket)
{
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_close(socket);
}

/* The broker may put several records into a frame; the event is the last of a record's members, byte for byte. */
static void take_records(struct sink *sink, struct span frame)
{
    const uint8_t *nul = memchr(frame.data, '\0', frame.len);
    if (!nul || *(const char *)frame.data == '~')
        return;
    struct wire_reader reader = wire_reader_of(span_of(nul + 1, frame.len - (size_t)(nul + 1 - frame.data)));
    const uint8_t *start = reader.at;
    while (wire_skip(&reader)) {
        sink_take(sink, start, (size_t)(reader.at - start));
        start = reader.at;
    }
}

static void *consume(void *arg)
{
    struct raw_consumer *consumer = arg;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (reader_goes_on(&consumer->reader)) {
        if (zmq_msg_recv(&message, consumer->socket, 0) < 0)
            continue;
        if (consumer->raw->is_broker)
            take_records(consumer->sink, span_of(zmq_msg_data(&message), zmq_msg_size(&message)));
        else
            sink_take(consumer->sink, zmq_msg_data(&message), zmq_msg_size(&message));
    }
    zmq_msg_close(&message);
    return NULL;
}

static void subscribe(void *socket, struct topic_range topics)
{
    char name[64];
    for (unsigned i = topics.first; i < topics.first + topics.count; i++) {
        int len = snprintf(name, sizeof name, PEER_TOPIC, i);
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, name, (size_t)len + 1); /* with its NUL */
    }
    if (topics.count == 0)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    static const int timeout_ms = 50;
    struct raw *raw = started;
    struct raw_consumer *consumer = peer_new(sizeof *consumer);
    consumer->raw = raw;
    consumer->sink = sink;
    consumer->socket = zmq_socket(raw->zmq, ZMQ_SUB);
    zmq_setsockopt(consumer->socket, ZMQ_RCVHWM, &none, sizeof none);
    zmq_setsockopt(consumer->socket, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt(consumer->socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    subscribe(consumer->socket, topics);
    peer_check(zmq_connect(consumer->socket, raw->middle.live) == 0, "zmq", "consumer");
    reader_start(&consumer->reader, "zmq", consume, consumer);
    return consumer;
}

static void close_consumer(void *handle)
{
    struct raw_consumer *consumer = handle;
    reader_stop(&consumer->reader);
    close_socket(consumer->socket);
    free(consumer);
}

static void stop(void *started)
{
    struct raw *raw = started;
    zmq_ctx_term(raw->zmq);
    peer_check(server_stop(&raw->middle.server, NULL), "zmq", "what stands in the middle did not end well");
    free(raw);
}

#define WAY(publish)                                                                                                   \
    {                                                                                                                  \
        NULL, start, open_producer, publish, flush, close_socket, open_consumer, close_consumer, stop                  \
    }
static const struct peer_way forwarded = WAY(publish_frame);
static const struct peer_way taken = WAY(publish_event);

const struct peer peer_forwarder = {"zmq_proxy", "forwards, an event a frame", FORWARDER, true, &forwarded};
const struct peer peer_tocsin_raw = {"tocsind", "an event a frame, interval", BROKER, true, &taken};
