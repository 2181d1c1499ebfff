/* A client's message at the stream door, read and checked (PROTOCOL.md section 4.3). Pure. */
#ifndef BROKER_STREAM_REQUEST_H
#define BROKER_STREAM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/tocsin_base.h"

#define STREAM_FILTERS_MAX    1000
#define STREAM_FILTER_LEN_MAX TOCSIN_TOPIC_MAX
#define STREAM_TYPES_MAX      256

enum stream_verb {
    STREAM_OPEN,
    STREAM_CREDIT,
    STREAM_CLOSE,
    STREAM_PING,
    STREAM_PONG,
    STREAM_INFO,
    STREAM_LATEST,
    STREAM_RELOAD,
};

enum stream_from {
    STREAM_FROM_NEW,
    STREAM_FROM_FIRST,
    STREAM_FROM_SEQ,  /* value: the seq */
    STREAM_FROM_TIME, /* value: microseconds since 1970 */
    STREAM_FROM_LAST, /* value: how many */
};

/* Spans point into the message. Large: one a thread, reused. */
struct stream_request {
    enum stream_verb verb;
    uint64_t credit;
    /* open */
    enum stream_from from;
    uint64_t from_value;
    enum tocsin_level level;
    bool latest;
    bool follow;
    struct span types[STREAM_TYPES_MAX];
    size_t type_count;
    /* open and latest */
    struct span filters[STREAM_FILTERS_MAX];
    size_t filter_count;
};

/* Reads a whole message. NULL when it is one; else what is wrong with it, a static sentence, and *code is the word of
 * the error ("protocol" or "version"). */
const char *stream_request_read(struct stream_request *request, struct span message, const char **code);

#endif
