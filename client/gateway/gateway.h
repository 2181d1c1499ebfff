/* What all kinds of gateways share: options, counters, the loop, the sink, the listeners, and how they end. */
#ifndef CLIENT_GATEWAY_GATEWAY_H
#define CLIENT_GATEWAY_GATEWAY_H

#include "client/gateway/counts.h"
#include "client/gateway/listen.h"
#include "client/gateway/loop.h"
#include "client/gateway/redact.h"
#include "client/gateway/sink.h"
#include "client/options.h"

struct gateway {
    const struct options *options;
    struct where where;
    char producer[TOCSIN_PRODUCER_MAX + 1];
    struct counts counts;
    struct loop loop;
    struct redact redact;
    struct sink sink;
    struct listen listen;
    struct tocsin_event *event;    /* for whoever composes one */
    struct loop_timer timer;       /* tells the counters */
    void (*resume)(void *context); /* the kind's own inputs: there is room in the queue again; NULL: it has none */
    void (*end)(void *context);    /* before the last is read: ask for no more; NULL: nobody is asked */
    void *context;
    size_t max_message_bytes;
    uint64_t queue_bytes;
    bool is_quiet;
    bool is_json;
    bool is_done; /* a kind whose input has an end came there */
};

/* Reads the options that are the same for all kinds, and begins. `name` becomes a part of the producer's name, where
 * none is given; `resume` may be NULL. Complains and returns the exit code, EXIT_CODE_OK: it has begun. gateway_close is
 * due in any case. */
int gateway_open(struct gateway *gateway, const struct options *options, const char *name,
                 void (*resume)(void *context), void *context);

/* As gateway_open for a producer that numbers its own events: under the name `producer` instead of --producer, and the
 * first event is `first_n`. */
int gateway_open_numbered(struct gateway *gateway, const struct options *options, const char *name,
                          const char *producer, uint64_t first_n, void (*resume)(void *context), void *context);

/* Listens at each --listen. False, complained about, where one cannot be. `*count` is how many there are. */
bool gateway_listen(struct gateway *gateway, const struct listen_protocol *protocol, void *context, size_t *count);

/* Serves until a signal comes or is_done is set, takes what has come already, waits for the acknowledgements and tells
 * the counters. Returns the exit code. */
int gateway_run(struct gateway *gateway);

void gateway_close(struct gateway *gateway);

#endif
