/* libtocsin: the log of the broker as a stream: any part of the past, and what comes, without loss.
 *
 *     struct tocsin_stream_options options = {.from = TOCSIN_FROM_FIRST, .cursor_file = "/var/lib/billing/cursor"};
 *     struct tocsin_stream *stream;
 *     struct tocsin_message message;
 *     int error = tocsin_stream_open(&stream, &options);
 *     while (!error && !(error = tocsin_stream_next(stream, &message, -1)))
 *         if (message.kind == TOCSIN_MESSAGE_EVENT)
 *             handle(&message);
 *     tocsin_stream_close(&stream);
 *
 * Every event that matches is told once, in the order of seq, over breaks of the connection and restarts of the broker:
 * the handle opens again behind what it has told. It asks for no more than credit_bytes at a time; a program that is
 * slow loses nothing, for the log waits. What retention has removed from the log is told as TOCSIN_MESSAGE_HOLE.
 *
 * Over restarts of the program:
 * - With a cursor file each event is handled at least once: the file is behind what was handled by what was handled
 *   since it was last written.
 * - Exactly once, for a program that stores its results in a transaction: store tocsin_stream_cursor and the log's id
 *   with the result, and open with .from = TOCSIN_FROM_SEQ, .from_value = cursor + 1, .log_id = id. */
#ifndef TOCSIN_STREAM_H
#define TOCSIN_STREAM_H

#include "tocsin.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tocsin_stream;

/* Where to begin. */
enum tocsin_from {
    TOCSIN_FROM_NEW,   /* behind the last event that is in the log now */
    TOCSIN_FROM_FIRST, /* with the first one that the log still holds */
    TOCSIN_FROM_SEQ,   /* from_value: the first seq wanted */
    TOCSIN_FROM_TIME,  /* from_value: microseconds since 1970 UTC, by the broker's clock at receipt */
    TOCSIN_FROM_LAST   /* from_value: so many seqs before the end, whether they match or not */
};

/* Zero or NULL in each means its default. All is copied. */
struct tocsin_stream_options {
    const char *server; /* HOST[:BASEPORT]; 127.0.0.1:5560. The stream is at BASEPORT + 3 */
    const char *stream; /* the endpoint itself; then server does not count */
    void *zmq_context;  /* as for a publisher */
    enum tocsin_from from;
    uint64_t from_value;
    const struct tocsin_filter *filters; /* topics wanted, any of them; none: everything */
    size_t filter_count;
    const struct tocsin_filter *exclude; /* topics not wanted after all */
    size_t exclude_count;
    enum tocsin_level min_level;
    const char *const *types; /* types wanted, any of them; none: all */
    size_t type_count;
    bool latest;             /* begin with the last event before the start of every matching topic: the state */
    bool ends_at_head;       /* tell what is there, then END; else go on with what comes */
    const char *log_id;      /* the log that from_value counts in: any other is TOCSIN_E_OTHER_LOG */
    const char *cursor_file; /* begin behind what it tells, and keep it; where there is none yet, begin as above */
    int cursor_interval_ms;  /* it is written so often at most; 200 */
    bool commits_by_hand;    /* only tocsin_stream_commit says what is handled; else each tocsin_stream_next does */
    int connect_timeout_ms;  /* for opening; 5000 */
    int silence_timeout_ms;  /* after which the connection counts as lost; 5000 */
    size_t credit_bytes;     /* most that is on its way or waits here; 4 MiB */
    size_t max_event_bytes;  /* as configured in the broker; 1 MiB */
    const struct tocsin_curve *curve; /* keys; default: no encryption */
};

/* Connects and waits until the broker has opened the stream. Errors as tocsin_publisher_open; TOCSIN_E_OTHER_LOG: the
 * cursor, or log_id, is of another log; TOCSIN_E_SYNTAX: the cursor file is none; TOCSIN_E_LOCKED: another process uses
 * it (a lock on CURSOR_FILE.lock); TOCSIN_E_IO: it cannot be read or written, errno tells why; TOCSIN_E_PROTOCOL: what
 * answered is no broker that the library understands. On failure *stream is NULL. */
TOCSIN_API int tocsin_stream_open(struct tocsin_stream **stream, const struct tocsin_stream_options *options);

/* Fills `message` with what comes next: EVENT, HOLE, LOST, RESTORED, RESET or END. What was told by the call before
 * counts as handled now, unless commits_by_hand. TOCSIN_E_TIMEOUT: nothing within timeout_ms (0: does not wait, -1: for
 * ever); TOCSIN_E_INTERRUPTED: a signal came; TOCSIN_E_PROTOCOL: what came was not understood, and is asked for again;
 * after any of these the next call goes on. TOCSIN_E_END: END has been told; TOCSIN_E_OTHER_LOG: the broker writes
 * another log now, and a cursor of this one is kept (without one that is RESET, and the other log is told from its
 * beginning; where the same log has lost its end, from `head` on); TOCSIN_E_IO: the cursor file cannot be written.
 * Texts are borrowed until the next call. A stream belongs to one thread at a time. */
TOCSIN_API int tocsin_stream_next(struct tocsin_stream *stream, struct tocsin_message *message, int timeout_ms);

/* The seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first time
 * (nothing was told yet, or not all of the latest). */
TOCSIN_API uint64_t tocsin_stream_cursor(const struct tocsin_stream *stream);

/* The log's id, 32 hex digits, and its last seq as far as it is known here. The text lives as long as the handle, and
 * changes with a RESET. */
TOCSIN_API const char *tocsin_stream_log_id(const struct tocsin_stream *stream);
TOCSIN_API uint64_t tocsin_stream_head(const struct tocsin_stream *stream);

/* All that was told is handled: the cursor file may say so, at once with `must_write`. 0, or TOCSIN_E_IO. */
TOCSIN_API int tocsin_stream_commit(struct tocsin_stream *stream, bool must_write);

/* JSON text of the last message, as tocsin_subscriber_snapshot_json and tocsin_subscriber_event_json. */
TOCSIN_API int tocsin_stream_snapshot_json(struct tocsin_stream *stream, struct tocsin_text *json);
TOCSIN_API int tocsin_stream_event_json(struct tocsin_stream *stream, struct tocsin_text *json);

/* Ends the handle; the cursor file gets what was committed, and what was told last was not, unless tocsin_stream_commit
 * says so before. */
TOCSIN_API void tocsin_stream_close(struct tocsin_stream **stream);

/* ---- Questions, and a request ----
 *
 * Of the options these take server, stream, zmq_context, curve, connect_timeout_ms (for each answer) and max_event_bytes;
 * tocsin_latest also filters, exclude, min_level and types. Errors as tocsin_stream_open. */

/* What the broker tells of itself, as JSON text ended by NUL, which the caller frees: {"version":…,"log_id":…,"first":…,
 * "head":…,"durable":…,"uptime_s":…,"sessions":…,"counters":{…}}. *json is NULL after an error. */
TOCSIN_API int tocsin_info(const struct tocsin_stream_options *options, char **json);

/* Has the broker read its access file again, all of it or nothing: *keys (may be NULL) is how many keys are in force
 * then. TOCSIN_E_SYNTAX: the file has a fault, nothing has changed, and `error` (of `size` bytes; as the broker
 * tells it, to be escaped) says where; TOCSIN_E_DENIED: the key is no admin's, or the broker has no access file.
 * `error` says what the broker said of other errors, too; it is left as it was where nothing was said. */
TOCSIN_API int tocsin_reload(const struct tocsin_stream_options *options, uint64_t *keys, char *error, size_t size);

/* Calls `on_event` with the last event of every matching topic, in the order of seq, until it returns other than 0,
 * which is returned then. Texts of the message are borrowed for the call. */
TOCSIN_API int tocsin_latest(const struct tocsin_stream_options *options,
                             int (*on_event)(void *context, const struct tocsin_message *message), void *context);

#ifdef __cplusplus
}
#endif

#endif
