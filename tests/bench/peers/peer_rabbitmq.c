/* rabbitmq-server by its AMQP 0-9-1 client in C, with publisher confirms: a stream queue (confirmed when it is written,
 * not synced) and a quorum queue (confirmed when its write-ahead log is synced). A consumer has a prefetch and
 * acknowledges many at a time. The server gets a directory, ports and a port mapper (epmd) of its own, on loopback. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peers/peer.h"

#define PROGRAM         "/usr/lib/rabbitmq/bin/rabbitmq-server"
#define QUEUE           "bench"
#define CHANNEL         1
#define UNCONFIRMED_MAX 4096u
#define PREFETCH        2000
#define ACK_EVERY       500u
#define KEPT_MAX        100000 /* events of a quorum queue that nobody reads */
#define POLL_US         50000

enum setting { QUORUM, STREAM };

struct rabbit {
    struct server server;
    struct server mapper; /* epmd, which finds the server's node by its name */
    bool is_stream;       /* else a quorum queue */
};

struct producer {
    amqp_connection_state_t connection;
    uint64_t published;
    uint64_t confirmed; /* all up to it are */
    bool is_confirmed[UNCONFIRMED_MAX];
};

struct consumer {
    amqp_connection_state_t connection;
    struct sink *sink;
    unsigned unacked;
    struct reader reader;
};

static void check(amqp_rpc_reply_t reply, const char *what)
{
    peer_check(reply.reply_type == AMQP_RESPONSE_NORMAL, "rabbitmq", what);
}

static void check_status(int status, const char *what)
{
    if (status != AMQP_STATUS_OK)
        peer_fail("rabbitmq", what, amqp_error_string2(status));
}

/* --- the server --- */

static void set(const char *name, const char *format, const char *value)
{
    char text[256];
    snprintf(text, sizeof text, format, value);
    setenv(name, text, 1);
}

/* What the server takes from its environment, and what it would otherwise share with one that runs on this machine. */
static void set_environment(const struct rabbit *rabbit)
{
    char port[16];
    char mapper_port[16];
    char node_port[16];
    const char *dir = rabbit->server.dir;
    snprintf(port, sizeof port, "%d", rabbit->server.port);
    snprintf(mapper_port, sizeof mapper_port, "%d", rabbit->mapper.port);
    snprintf(node_port, sizeof node_port, "%d", server_free_port());
    set("HOME", "%s", dir); /* its cookie */
    set("RABBITMQ_CONF_ENV_FILE", "%s", "/dev/null");
    set("RABBITMQ_CONFIG_FILE", "%s/rabbitmq.conf", dir);
    set("RABBITMQ_ENABLED_PLUGINS_FILE", "%s/plugins", dir);
    set("RABBITMQ_MNESIA_BASE", "%s/mnesia", dir);
    set("RABBITMQ_LOG_BASE", "%s/log", dir);
    set("RABBITMQ_NODENAME", "bench-%s@localhost", port);
    set("RABBITMQ_NODE_IP_ADDRESS", "%s", "127.0.0.1");
    set("RABBITMQ_NODE_PORT", "%s", port);
    set("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "%s", "-kernel inet_dist_use_interface {127,0,0,1}");
    set("RABBITMQ_DIST_PORT", "%s", node_port);
    set("ERL_CRASH_DUMP", "%s/crash", dir);
    set("ERL_EPMD_ADDRESS", "%s", "127.0.0.1");
    set("ERL_EPMD_PORT", "%s", mapper_port);
    set("RUNNING_UNDER_SYSTEMD", "%s", "true"); /* no shell stays between it and us */
}

static void start_mapper(struct rabbit *rabbit)
{
    char port[16];
    server_prepare(&rabbit->mapper);
    snprintf(port, sizeof port, "%d", rabbit->mapper.port);
    const char *const words[] = {"epmd", "-port", port, "-address", "127.0.0.1", NULL};
    peer_serve("rabbitmq", &rabbit->mapper, words);
}

static amqp_connection_state_t connect_to(const struct rabbit *rabbit)
{
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    peer_check(socket != NULL, "rabbitmq", "out of memory");
    check_status(amqp_socket_open(socket, "127.0.0.1", rabbit->server.port), "connect");
    check(amqp_login(connection, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
          "login");
    amqp_channel_open(connection, CHANNEL);
    check(amqp_get_rpc_reply(connection), "channel");
    return connection;
}

static void close_connection(amqp_connection_state_t connection)
{
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

static void declare_queue(const struct rabbit *rabbit)
{
    amqp_table_entry_t entries[] = {
        {.key = amqp_cstring_bytes("x-queue-type"),
         .value = {.kind = AMQP_FIELD_KIND_UTF8,
                   .value.bytes = amqp_cstring_bytes(rabbit->is_stream ? "stream" : "quorum")}},
        {.key = amqp_cstring_bytes("x-max-length"), .value = {.kind = AMQP_FIELD_KIND_I32, .value.i32 = KEPT_MAX}},
    };
    amqp_connection_state_t connection = connect_to(rabbit);
    amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(QUEUE), 0, 1, 0, 0,
                       (amqp_table_t){rabbit->is_stream ? 1 : 2, entries}); /* a stream is bounded by bytes */
    check(amqp_get_rpc_reply(connection), "queue");
    close_connection(connection);
}

static void *start(const struct peer *peer)
{
    static const char *const words[] = {PROGRAM, NULL};
    struct rabbit *rabbit = peer_new(sizeof *rabbit);
    rabbit->is_stream = peer->setting == STREAM;
    start_mapper(rabbit);
    server_prepare(&rabbit->server);
    set_environment(rabbit);
    peer_serve("rabbitmq", &rabbit->server, words);
    declare_queue(rabbit);
    return rabbit;
}

/* It ends by 0 or 1 after SIGTERM, as its parts happen to. */
static void stop(void *started)
{
    struct rabbit *rabbit = started;
    server_stop(&rabbit->server, NULL);
    server_stop(&rabbit->mapper, NULL);
    free(rabbit);
}

/* --- a producer --- */

static void *open_producer(void *started)
{
    struct producer *producer = peer_new(sizeof *producer);
    producer->connection = connect_to(started);
    amqp_confirm_select(producer->connection, CHANNEL);
    check(amqp_get_rpc_reply(producer->connection), "confirms");
    return producer;
}

/* Confirms may come in any order, for one or for all up to one. */
static void note_confirm(struct producer *producer, const amqp_basic_ack_t *ack)
{
    uint64_t first = ack->multiple ? producer->confirmed + 1 : ack->delivery_tag;
    uint64_t last = ack->multiple && ack->delivery_tag == 0 ? producer->published : ack->delivery_tag;
    for (uint64_t tag = first; tag <= last; tag++)
        producer->is_confirmed[tag % UNCONFIRMED_MAX] = true;
    while (producer->confirmed < producer->published &&
           producer->is_confirmed[(producer->confirmed + 1) % UNCONFIRMED_MAX]) {
        producer->confirmed++;
        producer->is_confirmed[producer->confirmed % UNCONFIRMED_MAX] = false;
    }
}

static void await_confirms(struct producer *producer, uint64_t unconfirmed_max)
{
    while (producer->published - producer->confirmed > unconfirmed_max) {
        amqp_frame_t frame;
        amqp_maybe_release_buffers(producer->connection);
        check_status(amqp_simple_wait_frame(producer->connection, &frame), "confirm");
        if (frame.frame_type != AMQP_FRAME_METHOD)
            continue;
        peer_check(frame.payload.method.id == AMQP_BASIC_ACK_METHOD, "rabbitmq", "not confirmed");
        note_confirm(producer, frame.payload.method.decoded);
    }
}

static void publish(void *handle, const struct peer_event *event)
{
    struct producer *producer = handle;
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    await_confirms(producer, UNCONFIRMED_MAX - 1);
    check_status(amqp_basic_publish(producer->connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(QUEUE), 0, 0,
                                    &properties, (amqp_bytes_t){event->len, event->data}),
                 "publish");
    producer->published++;
}

static void flush(void *producer)
{
    await_confirms(producer, 0);
}

static void close_producer(void *handle)
{
    struct producer *producer = handle;
    close_connection(producer->connection);
    free(producer);
}

/* --- a consumer --- */

static void take(struct consumer *consumer, const amqp_envelope_t *envelope)
{
    sink_take(consumer->sink, envelope->message.body.bytes, envelope->message.body.len);
    if (++consumer->unacked < ACK_EVERY)
        return;
    check_status(amqp_basic_ack(consumer->connection, CHANNEL, envelope->delivery_tag, 1), "ack");
    consumer->unacked = 0;
}

static void *consume(void *arg)
{
    struct consumer *consumer = arg;
    while (reader_goes_on(&consumer->reader)) {
        amqp_envelope_t envelope;
        struct timeval timeout = {.tv_usec = POLL_US};
        amqp_maybe_release_buffers(consumer->connection);
        amqp_rpc_reply_t reply = amqp_consume_message(consumer->connection, &envelope, &timeout, 0);
        if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
            continue;
        check(reply, "next");
        take(consumer, &envelope);
        amqp_destroy_envelope(&envelope);
    }
    return NULL;
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    (void)topics;
    const struct rabbit *rabbit = started;
    struct consumer *consumer = peer_new(sizeof *consumer);
    amqp_table_entry_t offset = {.key = amqp_cstring_bytes("x-stream-offset"),
                                 .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("first")}};
    consumer->sink = sink;
    consumer->connection = connect_to(rabbit);
    amqp_basic_qos(consumer->connection, CHANNEL, 0, PREFETCH, 0);
    check(amqp_get_rpc_reply(consumer->connection), "prefetch");
    amqp_basic_consume(consumer->connection, CHANNEL, amqp_cstring_bytes(QUEUE), amqp_empty_bytes, 0, 0, 0,
                       (amqp_table_t){rabbit->is_stream, &offset});
    check(amqp_get_rpc_reply(consumer->connection), "consume");
    reader_start(&consumer->reader, "rabbitmq", consume, consumer);
    return consumer;
}

static void close_consumer(void *handle)
{
    struct consumer *consumer = handle;
    reader_stop(&consumer->reader);
    close_connection(consumer->connection);
    free(consumer);
}

static const struct peer_way way = {"rabbitmq-server", start,         open_producer,  publish, flush,
                                    close_producer,    open_consumer, close_consumer, stop};

const struct peer peer_rabbitmq_stream = {"RabbitMQ", "stream, confirmed, not synced", STREAM, false, &way};
const struct peer peer_rabbitmq_quorum = {"RabbitMQ", "quorum queue, confirmed", QUORUM, false, &way};
