/* redis-server by hiredis: pub/sub (in memory, at most once), and a stream with its append-only file, synced each second
 * or with each write; commands are pipelined, the stream is read by a blocking XREAD. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/peer.h"

/* Commands whose replies are not awaited, of a producer, and of all together: what waits in a pipeline that is not full
 * keeps the next from being sent. */
#define PIPELINE_MAX  512u
#define PIPELINES_MAX 4096u
#define POLL_US       50000
#define STREAM        "events"

enum setting { IN_MEMORY, EVERYSEC, ALWAYS };

struct redis {
    struct server server;
    bool is_stream;
    unsigned producers; /* that are open */
};

struct producer {
    redisContext *context;
    struct redis *redis;
    bool is_stream;
    unsigned waiting; /* commands whose replies were not read */
};

struct consumer {
    redisContext *context;
    struct sink *sink;
    bool is_stream;
    char last[64]; /* id of the stream's last entry that was read */
    struct reader reader;
};

static void *start(const struct peer *peer)
{
    static const char *const syncs[] = {"no", "everysec", "always"};
    char port[16];
    struct redis *redis = peer_new(sizeof *redis);
    server_prepare(&redis->server);
    redis->is_stream = peer->setting != IN_MEMORY;
    snprintf(port, sizeof port, "%d", redis->server.port);
    const char *const words[] = {"redis-server",
                                 "--port",
                                 port,
                                 "--bind",
                                 "127.0.0.1",
                                 "--save",
                                 "",
                                 "--dir",
                                 redis->server.dir,
                                 "--appendonly",
                                 redis->is_stream ? "yes" : "no",
                                 "--appendfsync",
                                 syncs[peer->setting],
                                 "--client-output-buffer-limit",
                                 "pubsub 0 0 0",
                                 NULL};
    peer_serve("redis", &redis->server, words);
    return redis;
}

static redisContext *open_context(const struct redis *redis)
{
    redisContext *context = redisConnect("127.0.0.1", redis->server.port);
    peer_check(context && !context->err, "redis", "connect");
    return context;
}

static void *open_producer(void *started)
{
    struct redis *redis = started;
    struct producer *producer = peer_new(sizeof *producer);
    redis->producers++;
    producer->redis = redis;
    producer->context = open_context(redis);
    producer->is_stream = redis->is_stream;
    return producer;
}

static void read_reply(struct producer *producer)
{
    redisReply *reply = NULL;
    peer_check(redisGetReply(producer->context, (void **)&reply) == REDIS_OK && reply->type != REDIS_REPLY_ERROR,
               "redis", reply ? reply->str : "reply");
    freeReplyObject(reply);
    producer->waiting--;
}

static void flush(void *handle)
{
    struct producer *producer = handle;
    while (producer->waiting > 0)
        read_reply(producer);
}

static void publish(void *handle, const struct peer_event *event)
{
    struct producer *producer = handle;
    const char *name = producer->is_stream ? STREAM : event->name;
    const char *words[] = {"XADD", name, "MAXLEN", "~", "100000", "*", "e", (const char *)event->data};
    size_t lens[] = {4, strlen(name), 6, 1, 6, 1, 1, event->len};
    const char *plain_words[] = {"PUBLISH", name, (const char *)event->data};
    size_t plain_lens[] = {7, strlen(name), event->len};
    if (producer->is_stream)
        redisAppendCommandArgv(producer->context, 8, words, lens);
    else
        redisAppendCommandArgv(producer->context, 3, plain_words, plain_lens);
    unsigned share = PIPELINES_MAX / producer->redis->producers;
    if (++producer->waiting >= (share < PIPELINE_MAX ? share : PIPELINE_MAX))
        flush(producer);
}

static void close_producer(void *handle)
{
    struct producer *producer = handle;
    producer->redis->producers--;
    redisFree(producer->context);
    free(producer);
}

/* False when nothing came within the time-out: hiredis wants the error taken away then. */
static redisReply *next_reply(struct consumer *consumer)
{
    redisReply *reply = NULL;
    if (redisGetReply(consumer->context, (void **)&reply) != REDIS_OK) {
        consumer->context->err = 0;
        return NULL;
    }
    return reply;
}

static void read_message(struct consumer *consumer)
{
    redisReply *reply = next_reply(consumer);
    if (!reply)
        return;
    /* ["message", channel, data], or of a pattern ["pmessage", pattern, channel, data] */
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 3 && strstr(reply->element[0]->str, "message")) {
        const redisReply *data = reply->element[reply->elements - 1];
        sink_take(consumer->sink, data->str, data->len);
    }
    freeReplyObject(reply);
}

/* [[stream, [[id, [field, value]], …]]], or nil when nothing came */
static void read_entries(struct consumer *consumer)
{
    redisReply *reply = redisCommand(consumer->context, "XREAD COUNT 1000 BLOCK %d STREAMS " STREAM " %s",
                                     POLL_US / 1000, consumer->last);
    peer_check(reply && reply->type != REDIS_REPLY_ERROR, "redis", "XREAD");
    if (reply && reply->type == REDIS_REPLY_ARRAY) {
        const redisReply *entries = reply->element[0]->element[1];
        for (size_t i = 0; i < entries->elements; i++) {
            const redisReply *data = entries->element[i]->element[1]->element[1];
            sink_take(consumer->sink, data->str, data->len);
        }
        snprintf(consumer->last, sizeof consumer->last, "%s", entries->element[entries->elements - 1]->element[0]->str);
    }
    freeReplyObject(reply);
}

static void *consume(void *arg)
{
    struct consumer *consumer = arg;
    while (reader_goes_on(&consumer->reader))
        if (consumer->is_stream)
            read_entries(consumer);
        else
            read_message(consumer);
    return NULL;
}

static void subscribe(struct consumer *consumer, struct topic_range topics)
{
    char name[64];
    unsigned count = topics.count ? topics.count : 1;
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, PEER_TOPIC, topics.first + i);
        freeReplyObject(topics.count ? redisCommand(consumer->context, "SUBSCRIBE %s", name)
                                     : redisCommand(consumer->context, "PSUBSCRIBE *"));
        peer_check(!consumer->context->err, "redis", "subscribe");
    }
}

static void *open_consumer(void *started, struct topic_range topics, struct sink *sink)
{
    static const struct timeval timeout = {.tv_usec = POLL_US};
    const struct redis *redis = started;
    struct consumer *consumer = peer_new(sizeof *consumer);
    consumer->context = open_context(redis);
    consumer->sink = sink;
    consumer->is_stream = redis->is_stream;
    snprintf(consumer->last, sizeof consumer->last, "0");
    if (!redis->is_stream) {
        subscribe(consumer, topics);
        redisSetTimeout(consumer->context, timeout);
    }
    reader_start(&consumer->reader, "redis", consume, consumer);
    return consumer;
}

static void close_consumer(void *handle)
{
    struct consumer *consumer = handle;
    reader_stop(&consumer->reader);
    redisFree(consumer->context);
    free(consumer);
}

static void stop(void *started)
{
    struct redis *redis = started;
    peer_check(server_stop(&redis->server, NULL), "redis", "it did not end well");
    free(redis);
}

static const struct peer_way way = {"redis-server", start,         open_producer,  publish, flush,
                                    close_producer, open_consumer, close_consumer, stop};

const struct peer peer_redis_pubsub = {"Redis pub/sub", "in memory", IN_MEMORY, true, &way};
const struct peer peer_redis_stream_everysec = {"Redis Streams", "appendfsync everysec", EVERYSEC, false, &way};
const struct peer peer_redis_stream_always = {"Redis Streams", "appendfsync always", ALWAYS, false, &way};
