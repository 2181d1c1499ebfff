/* A publisher: what tocsin.h keeps closed. Within the library only. */
#ifndef CLIENT_PUBLISHER_H
#define CLIENT_PUBLISHER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/collector.h"
#include "client/curve.h"
#include "client/outbox.h"
#include "client/tocsin.h"

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
    struct curve curve;
    void *socket;
    void *watch;
    struct collector collector;
    struct outbox *outbox;
    int send_timeout_ms;
    int close_timeout_ms;
    size_t max_event_bytes;
    struct tocsin_publisher_stats stats;
};

/* Waits for the broker's subscription; 0, TOCSIN_E_UNREACHABLE or TOCSIN_E_INTERRUPTED. */
int publisher_wait_broker(struct tocsin_publisher *publisher, int64_t deadline_us);

/* Waits until each connection that was made has brought its subscription. */
void publisher_wait_settled(struct tocsin_publisher *publisher, int64_t deadline_us);

/* Sends what was collected and waits until all has left. Errors as tocsin_publisher_flush. */
int publisher_flush(struct tocsin_publisher *publisher, int64_t deadline_us);

/* The thread that sends collected frames when they are due. */
int publisher_start_flusher(struct tocsin_publisher *publisher);
void publisher_stop_flusher(struct tocsin_publisher *publisher);

#endif
