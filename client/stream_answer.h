/* What the broker says at the stream door (PROTOCOL.md section 4.3), taken apart. Pure. The broker is believed as
 * little as anyone. */
#ifndef CLIENT_STREAM_ANSWER_H
#define CLIENT_STREAM_ANSWER_H

#include "proto/event.h"
#include "proto/record.h"
#include "proto/span.h"

enum stream_answer_kind {
    STREAM_ANSWER_OPENED,
    STREAM_ANSWER_BATCH,
    STREAM_ANSWER_HOLE,
    STREAM_ANSWER_END,
    STREAM_ANSWER_ERROR,
    STREAM_ANSWER_INFO,
    STREAM_ANSWER_LATEST,
    STREAM_ANSWER_RELOADED,
    STREAM_ANSWER_PING,
    STREAM_ANSWER_PONG,
    STREAM_ANSWER_UNKNOWN, /* a verb newer than we: to be passed over */
};

/* Ids of logs are 32 hex digits. */
#define STREAM_LOG_ID_LEN 32

/* Spans point into the message. Only what is named for a kind is set. */
struct stream_answer {
    enum stream_answer_kind kind;
    struct span log_id;    /* OPENED */
    uint64_t from;         /* OPENED: the first seq that will come */
    uint64_t head;         /* OPENED */
    uint64_t first;        /* HOLE */
    uint64_t upto;         /* BATCH, END; HOLE: its last */
    struct span records;   /* BATCH, LATEST: not read yet */
    uint32_t record_count; /* of these */
    struct span map;       /* INFO */
    uint64_t keys;         /* RELOADED */
    struct span code;      /* ERROR */
    struct span text;      /* ERROR, RELOADED */
};

/* 0, or TOCSIN_E_PROTOCOL for what is no message. */
int stream_answer_read(struct span message, struct stream_answer *answer);

/* Reads the next record of a BATCH or LATEST and judges its event. 0, TOCSIN_E_END at the end, TOCSIN_E_PROTOCOL for
 * what is no record: then nothing behind it can be trusted. */
int stream_answer_next(struct stream_answer *answer, struct event_judge *judge, struct record *record);

#endif
