/* A subscriber: what tocsin.h keeps closed. Within the library only. */
#ifndef CLIENT_SUBSCRIBER_H
#define CLIENT_SUBSCRIBER_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "client/curve.h"
#include "client/endpoint.h"
#include "client/filter.h"
#include "client/gap.h"
#include "client/heartbeat.h"
#include "client/live_frame.h"
#include "client/tocsin.h"
#include "proto/text.h"

/* What is told before the next event. One frame or one silence brings three at most. */
#define NOTICES_MAX 4

struct notice {
    enum tocsin_message_kind kind;
    struct gap gap;
    struct span topic;
};

struct tocsin_subscriber {
    /* settled at opening */
    char endpoint[ENDPOINT_MAX];
    void *context;
    void *own_context;
    struct curve curve;
    struct filter_set *filters;
    struct filter_set *exclude;
    char **types;
    size_t type_count;
    enum tocsin_level min_level;
    int heartbeat_timeout_ms;
    int queue_frames;
    size_t max_event_bytes;
    /* the connection */
    void *socket;      /* NULL: could not be made; tried again */
    int64_t heard_us;  /* when the last frame came; 0: just now, the clock has not been read yet */
    bool is_confirmed; /* what is subscribed was in force once: a heartbeat has come, or a record that shows it */
    bool is_lost;
    uint64_t head;
    size_t log_id_len;
    char log_id[HEARTBEAT_LOG_ID_MAX];
    /* the frame that is being read; `message` lives while has_frame */
    bool has_frame;
    zmq_msg_t message;
    struct live_frame frame;
    struct event_judge *judge;
    struct gap_tracker *gaps;
    /* what is to be told, in this order: notices, then the record */
    unsigned notice_count;
    unsigned notices_told;
    struct notice notices[NOTICES_MAX];
    bool has_record;
    struct record record;
    /* what was told last */
    bool is_record_told; /* `record` is it */
    struct text json;
};

/* Makes the connection anew. Errors as live_socket_open; then there is no socket. */
int subscriber_connect(struct tocsin_subscriber *subscriber);

/* Waits for the first heartbeat, or a record that confirms as well and is told then; what comes before is passed over. 0,
 * TOCSIN_E_UNREACHABLE at the deadline, TOCSIN_E_INTERRUPTED, or TOCSIN_E_PROTOCOL for a peer that is no broker of ours. */
int subscriber_wait_confirmed(struct tocsin_subscriber *subscriber, int64_t deadline_us);

/* Closes the socket, and gives up the frame that is being read. */
void subscriber_disconnect(struct tocsin_subscriber *subscriber);

#endif
