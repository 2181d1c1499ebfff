/* A stream, as its files share it. */
#ifndef CLIENT_STREAM_H
#define CLIENT_STREAM_H

#include <zmq.h>

#include "client/cursor_file.h"
#include "client/curve.h"
#include "client/endpoint.h"
#include "client/stream_answer.h"
#include "client/stream_encode.h"
#include "client/tocsin_stream.h"
#include "client/wanted.h"

/* What is told before the next event: one message brings two at most, a silence one. */
#define STREAM_NOTICES_MAX 4

struct stream_notice {
    enum tocsin_message_kind kind;
    uint64_t first;
    uint64_t last;
};

struct tocsin_stream {
    /* settled at opening */
    char endpoint[ENDPOINT_MAX];
    void *context;
    void *own_context;
    struct curve curve;
    struct wanted wanted;
    struct stream_terms terms; /* as asked for at first, or after a RESET; later it is opened behind `cursor` */
    int silence_timeout_ms;
    uint64_t credit_bytes;
    int64_t max_message_bytes;
    bool keeps_log; /* another log is an error */
    bool commits_by_hand;
    struct event_judge *judge;
    /* where it is */
    bool is_placed; /* the broker has said where it begins: log_id, from and cursor are known */
    char log_id[STREAM_LOG_ID_LEN + 1];
    uint64_t from;        /* the first seq that is no latest one */
    bool is_in_latest;    /* what is below `from` is still being told */
    uint64_t latest_told; /* of these */
    uint64_t cursor;
    uint64_t head; /* the greatest seq that the broker spoke of */
    bool is_ended;
    int error; /* final */
    /* the session: a socket of its own, so that nothing of an earlier one can come in */
    void *socket; /* NULL: between two */
    void *watch;
    unsigned handshakes;
    bool is_open;
    bool is_lost;
    uint64_t owed_bytes; /* taken, and not given credit for again */
    int pause_ms;
    int64_t begun_us;
    int64_t retry_us;
    int64_t heard_us; /* 0: just now, the clock has not been read yet */
    int64_t said_us;
    int64_t asked_us; /* whether the session is there still */
    int64_t waited_us;
    struct text out;
    /* the batch that is being read; `message` lives while has_batch */
    bool has_batch;
    zmq_msg_t message;
    struct stream_answer answer;
    /* what is to be told, in this order: notices, then the record */
    unsigned notice_count;
    unsigned notices_told;
    struct stream_notice notices[STREAM_NOTICES_MAX];
    bool has_record;
    struct record record;
    size_t topic_len;
    char topic[TOCSIN_TOPIC_MAX];
    bool is_record_told; /* `record` was told last */
    struct text json;
    /* the cursor's file */
    bool has_file;
    struct cursor_file file;
    int64_t file_interval_us;
    int64_t filed_us;       /* when it was last written */
    uint64_t committed_seq; /* what it is to say; 0: nothing yet */
    uint64_t filed_seq;     /* what it says */
};

void stream_notice(struct tocsin_stream *stream, enum tocsin_message_kind kind, uint64_t first, uint64_t last);

/* Sends what is in stream->out. */
void stream_say(struct tocsin_stream *stream);

/* stream_session.c */

/* Ends the session; the next one begins after a pause that grows. */
void stream_restart(struct tocsin_stream *stream);
void stream_disconnect(struct tocsin_stream *stream);

/* Nothing is there to be read: keeps the session, and waits until the deadline or until something comes. 0,
 * TOCSIN_E_TIMEOUT, TOCSIN_E_INTERRUPTED, or what making a socket brings. */
int stream_wait(struct tocsin_stream *stream, int64_t deadline_us);

/* stream_message.c: one step, the next record of the batch or the next message. 0; TOCSIN_E_TIMEOUT: nothing is there
 * now; TOCSIN_E_PROTOCOL, TOCSIN_E_OTHER_LOG, TOCSIN_E_NOMEM. */
int stream_step(struct tocsin_stream *stream);

/* stream_commit.c: all that was told so far is handled; writes the file when it is time to, or must be. */
int stream_commit(struct tocsin_stream *stream, bool must_write);

/* Writes what was committed last, and lets the file go. */
void stream_file_end(struct tocsin_stream *stream);

#endif
