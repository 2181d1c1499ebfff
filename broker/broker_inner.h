/* What the files of the broker's start share; nobody else includes it. */
#ifndef BROKER_INNER_H
#define BROKER_INNER_H

#include "broker/broker.h"
#include "broker/capacity.h"
#include "broker/checkpoints.h"
#include "broker/entry.h"
#include "broker/front.h"
#include "broker/http.h"
#include "broker/journal.h"
#include "broker/reload.h"
#include "broker/retention.h"
#include "broker/stream.h"
#include "broker/watchdog.h"

/* How long the last frames may take to reach their subscribers. */
#define LINGER_MS 1000

struct broker {
    const struct settings *settings;
    struct stats stats;
    struct health health;
    int failure_fd;
    struct reload reload;
    uint64_t seed;
    struct http *http;
    struct topics *topics;
    struct producers *producers;
    struct log_file *log;
    struct checkpoints *checkpoints;
    struct ring *admitted;
    struct ring *settled;
    struct feed feed;
    struct pruned_feed pruned;
    void *zmq;
    struct entry entry;
    struct taken taken;
    struct watchdog *watchdog;
    struct capacity *capacity;
    struct journal *journal;
    struct front *front;
    struct retention *retention;
    struct stream *stream; /* NULL: its door is shut */
};

/* Starts the parts, one after the other; at the first that fails says why in `message` and returns the exit code. What
 * was started stays in `broker`. */
enum exit_code broker_open_parts(struct broker *broker, struct text *message);

/* Says so, and returns the exit code for it. */
enum exit_code broker_no_memory(struct text *message);

#endif
