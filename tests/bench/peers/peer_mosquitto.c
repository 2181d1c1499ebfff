/* mosquitto by its C library, QoS 0 (at most once) and QoS 1 (acknowledged hop by hop, kept in memory); QoS 1 and 2 with its
 * persistence, which writes all that it holds each second: it does not sync, and an acknowledgement does not wait for it. */
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/peers/peer.h"

#define INFLIGHT_MAX 1000
#define KEEPALIVE_S  60

enum setting { QOS0, QOS1, QOS1_KEPT, QOS2_KEPT };

struct broker {
    struct server server;
    int qos;
    unsigned clients;
};

struct client {
    struct mosquitto *mosquitto;
    int qos;
    struct sink *sink;
    _Atomic uint64_t confirmed; /* published and subscribed */
    uint64_t published;
    atomic_bool is_connected;
};

static void check(int error, const char *what)
{
    if (error != MOSQ_ERR_SUCCESS)
        peer_fail("mosquitto", what, mosquitto_strerror(error));
}

static void write_config(const struct server *server, bool is_kept, char *path, size_t size)
{
    snprintf(path, size, "%s/mosquitto.conf", server->dir);
    FILE *file = fopen(path, "w");
    peer_check(file != NULL, "mosquitto", "configuration");
    fprintf(file,
            "listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages %d\n"
            "set_tcp_nodelay true\nuser root\nlog_type error\npersistence %s\npersistence_location %s/\n"
            "autosave_interval 1\n",
            server->port, INFLIGHT_MAX, is_kept ? "true" : "false", server->dir);
    fclose(file);
}

static void *start(const struct peer *peer)
{
    static const int qos[] = {0, 1, 1, 2};
    char path[256];
    struct broker *broker = peer_new(sizeof *broker);
    mosquitto_lib_init();
    broker->qos = qos[peer->setting];
    server_prepare(&broker->server);
    write_config(&broker->server, peer->setting >= QOS1_KEPT, path, sizeof path);
    const char *const words[] = {"mosquitto", "-c", path, NULL};
    peer_serve("mosquitto", &broker->server, words);
    return broker;
}

static void on_connect(struct mosquitto *mosquitto, void *handle, int code)
{
    (void)mosquitto;
    struct client *client = handle;
    peer_check(code == 0, "mosquitto", "refused");
    atomic_store(&client->is_connected, true);
}

static void on_publish(struct mosquitto *mosquitto, void *handle, int id)
{
    (void)mosquitto;
    (void)id;
    atomic_fetch_add(&((struct client *)handle)->confirmed, 1);
}

static void on_subscribe(struct mosquitto *mosquitto, void *handle, int id, int count, const int *granted)
{
    (void)count;
    (void)granted;
    on_publish(mosquitto, handle, id);
}

static void on_message(struct mosquitto *mosquitto, void *handle, const struct mosquitto_message *message)
{
    (void)mosquitto;
    sink_take(((struct client *)handle)->sink, message->payload, (size_t)message->payloadlen);
}

static void await(const struct client *client, uint64_t confirmed)
{
    static const struct timespec pause = {.tv_nsec = 50000};
    while (!atomic_load(&client->is_connected) || atomic_load(&client->confirmed) < confirmed)
        nanosleep(&pause, NULL);
}

static struct client *open_client(struct broker *broker, struct sink *sink)
{
    struct client *client = peer_new(sizeof *client);
    char id[32];
    snprintf(id, sizeof id, "bench-%u", broker->clients++);
    client->qos = broker->qos;
    client->sink = sink;
    client->mosquitto = mosquitto_new(id, true, client);
    peer_check(client->mosquitto != NULL, "mosquitto", "client");
    mosquitto_connect_callback_set(client->mosquitto, on_connect);
    mosquitto_publish_callback_set(client->mosquitto, on_publish);
    mosquitto_subscribe_callback_set(client->mosquitto, on_subscribe);
    mosquitto_message_callback_set(client->mosquitto, on_message);
    check(mosquitto_int_option(client->mosquitto, MOSQ_OPT_SEND_MAXIMUM, INFLIGHT_MAX), "option");
    check(mosquitto_int_option(client->mosquitto, MOSQ_OPT_RECEIVE_MAXIMUM, INFLIGHT_MAX), "option");
    check(mosquitto_int_option(client->mosquitto, MOSQ_OPT_TCP_NODELAY, 1), "option");
    check(mosquitto_connect(client->mosquitto, "127.0.0.1", broker->server.port, KEEPALIVE_S), "connect");
    check(mosquitto_loop_start(client->mosquitto), "thread");
    await(client, 0);
    return client;
}

static void *open_producer(void *started)
{
    return open_client(started, NULL);
}

static void publish(void *producer, const struct peer_event *event)
{
    struct client *client = producer;
    check(mosquitto_publish(client->mosquitto, NULL, event->name, (int)event->len, event->data, client->qos, false),
          "publish");
    client->published++;
}

static void flush(void *producer)
{
    struct client *client = producer;
    await(client, client->published);
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    struct client *client = open_client(started, sink);
    char name[64];
    unsigned count = topics.count ? topics.count : 1;
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, PEER_TOPIC, topics.first + i);
        check(mosquitto_subscribe(client->mosquitto, NULL, topics.count ? name : "#", client->qos), "subscribe");
    }
    await(client, count);
    return client;
}

static void close_client(void *handle)
{
    struct client *client = handle;
    mosquitto_disconnect(client->mosquitto);
    mosquitto_loop_stop(client->mosquitto, true);
    mosquitto_destroy(client->mosquitto);
    free(client);
}

static void stop(void *started)
{
    struct broker *broker = started;
    peer_check(server_stop(&broker->server, NULL), "mosquitto", "it did not end well");
    free(broker);
}

static const struct peer_way way = {"mosquitto",  start,         open_producer, publish, flush,
                                    close_client, open_consumer, close_client,  stop};

const struct peer peer_mosquitto_qos0 = {"mosquitto", "QoS 0", QOS0, true, &way};
const struct peer peer_mosquitto_qos1 = {"mosquitto", "QoS 1, in memory", QOS1, true, &way};
const struct peer peer_mosquitto_qos1_kept = {"mosquitto", "QoS 1, saved each second", QOS1_KEPT, true, &way};
const struct peer peer_mosquitto_qos2_kept = {"mosquitto", "QoS 2, saved each second", QOS2_KEPT, true, &way};
