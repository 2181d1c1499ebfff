/* nats-server by its C client: core (in memory, at most once) and JetStream (a file; published asynchronously, with
 * a bounded number unacknowledged, and read by an ordered consumer). What it acknowledges is in the page cache; from
 * 2.10 on it can be told to sync first, which 2.9 cannot. */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/peer.h"

#define STREAM      "bench"
#define PENDING_MAX 4096
#define FLUSH_MS    10000

enum setting { NOT_KEPT, KEPT, KEPT_AND_SYNCED };

struct nats {
    struct server server;
    char url[64];
    bool is_kept; /* JetStream */
};

struct link {
    natsConnection *connection;
    jsCtx *stream; /* NULL: core */
    natsSubscription **subscriptions;
    unsigned count;
    struct sink *sink;
};

static void check(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        peer_fail("nats", what, natsStatus_GetText(status));
}

static struct link *open_link(struct nats *nats)
{
    struct link *link = peer_new(sizeof *link);
    check(natsConnection_ConnectTo(&link->connection, nats->url), "connect");
    if (nats->is_kept) {
        jsOptions options;
        jsOptions_Init(&options);
        options.PublishAsync.MaxPending = PENDING_MAX;
        options.PublishAsync.StallWait = FLUSH_MS;
        check(natsConnection_JetStream(&link->stream, link->connection, &options), "JetStream");
    }
    return link;
}

static void close_link(void *handle)
{
    struct link *link = handle;
    for (unsigned i = 0; i < link->count; i++) {
        natsSubscription_Unsubscribe(link->subscriptions[i]);
        natsSubscription_Destroy(link->subscriptions[i]);
    }
    jsCtx_Destroy(link->stream);
    natsConnection_Destroy(link->connection);
    free(link->subscriptions);
    free(link);
}

static void add_stream(struct nats *nats)
{
    static const char *subjects[] = {PEER_CATEGORY ".>"};
    struct link *link = open_link(nats);
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = STREAM;
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    check(js_AddStream(NULL, link->stream, &config, NULL, NULL), "stream");
    close_link(link);
}

static void write_config(const char *dir, char *path, size_t size)
{
    snprintf(path, size, "%s/nats.conf", dir);
    FILE *file = fopen(path, "w");
    peer_check(file != NULL, "nats", "configuration");
    fprintf(file, "jetstream { store_dir: \"%s\", sync_interval: always }\n", dir);
    fclose(file);
}

/* By asking it what it says of such a configuration. */
bool peer_nats_can_sync(void)
{
    struct server server;
    char path[160];
    server_prepare(&server);
    write_config(server.dir, path, sizeof path);
    const char *const words[] = {"nats-server", "-t", "-c", path, NULL};
    server_run(&server, words);
    bool is_taken = server_ended_well(&server);
    server_remove(&server);
    return is_taken;
}

static void *start(const struct peer *peer)
{
    char port[16];
    char path[160];
    struct nats *nats = peer_new(sizeof *nats);
    server_prepare(&nats->server);
    nats->is_kept = peer->setting != NOT_KEPT;
    snprintf(port, sizeof port, "%d", nats->server.port);
    snprintf(nats->url, sizeof nats->url, "nats://127.0.0.1:%d", nats->server.port);
    const char *words[] = {"nats-server", "-a", "127.0.0.1", "-p", port, NULL, NULL, NULL, NULL};
    if (peer->setting == KEPT) {
        words[5] = "-js";
        words[6] = "-sd";
        words[7] = nats->server.dir;
    } else if (peer->setting == KEPT_AND_SYNCED) {
        write_config(nats->server.dir, path, sizeof path);
        words[5] = "-c";
        words[6] = path;
    }
    peer_serve("nats", &nats->server, words);
    if (nats->is_kept)
        add_stream(nats);
    return nats;
}

/* In a subject levels are parted by dots. */
static void make_subject(char *subject, const char *name, size_t size)
{
    snprintf(subject, size, "%s", name);
    char *slash = strchr(subject, '/');
    if (slash)
        *slash = '.';
}

static void *open_producer(void *started)
{
    return open_link(started);
}

static void publish(void *producer, const struct peer_event *event)
{
    struct link *link = producer;
    char subject[sizeof event->name];
    make_subject(subject, event->name, sizeof subject);
    if (link->stream)
        check(js_PublishAsync(link->stream, subject, event->data, (int)event->len, NULL), "publish");
    else
        check(natsConnection_Publish(link->connection, subject, event->data, (int)event->len), "publish");
}

static void flush(void *producer)
{
    struct link *link = producer;
    if (link->stream) {
        jsPubOptions options;
        jsPubOptions_Init(&options);
        options.MaxWait = FLUSH_MS;
        check(js_PublishAsyncComplete(link->stream, &options), "acknowledgements");
    } else {
        check(natsConnection_FlushTimeout(link->connection, FLUSH_MS), "flush");
    }
}

static void take(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *handle)
{
    (void)connection;
    (void)subscription;
    struct link *link = handle;
    sink_take(link->sink, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
}

static void subscribe(struct link *link, natsSubscription **subscription, const char *subject)
{
    if (link->stream) {
        jsSubOptions options;
        jsSubOptions_Init(&options);
        options.Ordered = true;
        options.Stream = STREAM;
        check(js_Subscribe(subscription, link->stream, subject, take, link, NULL, &options, NULL), "subscribe");
    } else {
        check(natsConnection_Subscribe(subscription, link->connection, subject, take, link), "subscribe");
    }
    check(natsSubscription_SetPendingLimits(*subscription, -1, -1), "limits");
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    struct link *link = open_link(started);
    char subject[64];
    char name[64];
    link->sink = sink;
    link->count = topics.count ? topics.count : 1;
    link->subscriptions = peer_new(link->count * sizeof(natsSubscription *));
    for (unsigned i = 0; i < link->count; i++) {
        snprintf(name, sizeof name, PEER_TOPIC, topics.first + i);
        make_subject(subject, topics.count ? name : PEER_CATEGORY ".>", sizeof subject);
        subscribe(link, &link->subscriptions[i], subject);
    }
    check(natsConnection_FlushTimeout(link->connection, FLUSH_MS), "subscribe");
    return link;
}

static void stop(void *started)
{
    struct nats *nats = started;
    /* it ends by 1 after SIGTERM */
    server_stop(&nats->server, NULL);
    free(nats);
}

static const struct peer_way way = {"nats-server", start,         open_producer, publish, flush,
                                    close_link,    open_consumer, close_link,    stop};

const struct peer peer_nats_core = {"nats-server", "core", NOT_KEPT, true, &way};
const struct peer peer_nats_jetstream = {"JetStream", "file, acknowledged, not synced", KEPT, false, &way};
const struct peer peer_nats_jetstream_always = {"JetStream", "file, sync_interval always", KEPT_AND_SYNCED, false,
                                                &way};
