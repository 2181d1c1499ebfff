/* A session at the stream door: what it wants, how much it may get, how far it is, and what it gets next. Pure: no
 * sockets, no files, and the time is an argument (microseconds that never go back). */
#ifndef BROKER_SESSION_H
#define BROKER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/log_reader.h"
#include "broker/prefix_set.h"
#include "proto/span.h"
#include "proto/tocsin_base.h"

#define SESSION_SILENT_US UINT64_C(60000000) /* a client that says nothing for so long is gone */
#define SESSION_BEAT_US   UINT64_C(900000)   /* a batch is due at least so often: the protocol says once a second */

/* Records of a batch, unless one alone is longer; and where there are many sessions. */
#define SESSION_BATCH_MAX      (256u << 10)
#define SESSION_BATCH_MAX_MANY (64u << 10)

/* What a batch takes beside its records, at most: ["batch", upto, […]]. */
#define SESSION_BATCH_HEAD_MAX 21u

/* What the client asked for. */
struct session_terms {
    uint64_t from;
    struct prefix_set *topics; /* NULL: all */
    struct prefix_set *types;  /* NULL: all */
    enum tocsin_level level;
    bool begins_with_latest;
    bool follows;
};

/* What a session gets next. */
enum session_step {
    SESSION_WAITS,
    SESSION_OPENED,  /* to be told that it is open */
    SESSION_LATEST,  /* the last record of each topic, above latest_after */
    SESSION_RECORDS, /* records from its cursor on */
    SESSION_BEAT,    /* a batch without records */
    SESSION_ENDS,    /* to be told that it has everything */
};

struct session {
    struct session_terms terms; /* the sets are its own */
    struct log_cursor cursor;   /* next_seq: all before it was sent or does not match */
    uint64_t tail_at;           /* place in the memory of latest records: only a hint */
    uint64_t latest_after;      /* last seq that was sent of the latest */
    bool is_told_open;
    bool has_latest;   /* … all been sent, or are none wanted */
    int64_t credit;    /* bytes; below 0 after a record that was longer */
    uint64_t heard_us; /* last message of the client */
    uint64_t told_us;  /* last batch that was sent */
    uint64_t retry_us; /* nothing is sent before */
    uint32_t pause_us; /* the last pause before a retry; 0: the last message went out */
};

/* Starts a session; the sets of `terms` become its own. */
void session_open(struct session *session, const struct session_terms *terms, uint64_t now_us);

/* Frees what it owns. */
void session_close(struct session *session);

/* Adds to what may be sent; stops at INT64_MAX. */
void session_add_credit(struct session *session, uint64_t bytes);

/* What it gets next, when the log may be read up to `limit_seq`. */
enum session_step session_next(const struct session *session, uint64_t limit_seq, uint64_t now_us);

/* True when the credit allows a batch of `len` bytes of records. One record alone may go whenever there is any. */
bool session_may_send(const struct session *session, size_t len);

/* True when it wants a record of this topic (without NUL), level and type. */
bool session_wants_topic(const struct session *session, struct span topic);
bool session_wants_kind(const struct session *session, enum tocsin_level level, struct span type);

/* True when any level and type will do. */
bool session_wants_every_kind(const struct session *session);

/* A batch of `len` bytes was sent. */
void session_sent_batch(struct session *session, size_t len, uint64_t now_us);

/* Sending failed because the client does not read, or the log cannot be read: it is left alone for a while, longer each
 * time. */
void session_pause(struct session *session, uint64_t now_us);

bool session_is_silent(const struct session *session, uint64_t now_us);

#endif
