/* The broker's heartbeat on live: `~` NUL [1, head, log_id, now] (PROTOCOL.md section 4.1). Pure. */
#ifndef CLIENT_HEARTBEAT_H
#define CLIENT_HEARTBEAT_H

#include <stdint.h>

#include "proto/span.h"

#define HEARTBEAT_VERSION    1
#define HEARTBEAT_LOG_ID_MAX 128

/* The topic, with its NUL: what one subscribes to. */
#define HEARTBEAT_TOPIC     "~\0"
#define HEARTBEAT_TOPIC_LEN 2

struct heartbeat {
    uint64_t head;      /* the last seq published */
    struct span log_id; /* borrowed */
};

/* Reads what follows the topic. 0, or TOCSIN_E_PROTOCOL for anything that is no heartbeat of version 1. */
int heartbeat_read(struct span bytes, struct heartbeat *out);

#endif
