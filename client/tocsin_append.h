/* libtocsin: acknowledged publishing. An event counts as appended when the broker says that it is on its disk.
 *
 *     struct tocsin_appender_options options = {.producer = "billing-1"};
 *     struct tocsin_appender *appender;
 *     uint64_t n;
 *     int error = tocsin_appender_open(&appender, &options);
 *     if (!error)
 *         error = tocsin_append(appender, event, &n);             // any number of these, without waiting
 *     if (!error)
 *         error = tocsin_appender_wait(appender, n, NULL, 5000);  // everything through n is durable
 *
 * The handle sends by itself, as many events at a time as the broker's window allows, and sends again what was not
 * acknowledged when a connection breaks or the broker restarts: each event is in the log once. What is lost is only
 * what was not settled when the program itself ends: tocsin_appender_close tells how many. With `spool_dir` not even
 * that, and the broker may be away at the start. */
#ifndef TOCSIN_APPEND_H
#define TOCSIN_APPEND_H

#include "tocsin.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tocsin_appender;

/* All events through `n` are settled: durable, or refused (and then on_refused was called before). `seq` and `hash` (32
 * hex digits) are the place in the broker's log of the last one of them that was logged: a receipt. 0 and "" where that
 * is not known: for what was settled in an earlier session with the broker. */
struct tocsin_receipt {
    uint64_t n;
    uint64_t seq;
    char hash[33];
};

/* The broker refused event `n`, for what this library does not check (it judges each event before). Texts are borrowed
 * for the call. */
struct tocsin_rejection {
    uint64_t n;
    const char *code;  /* the protocol's word, "value" */
    const char *field; /* the key concerned, "" where there is none */
    const char *text;  /* for people */
};

/* Zero or NULL in each means its default; only `producer` must be given. All is copied. */
struct tocsin_appender_options {
    const char *producer;   /* [A-Za-z0-9_.-], at most 64: who sends; one handle at a time may bear a name */
    uint64_t incarnation;   /* grows with every start; default: the clock, in microseconds */
    uint64_t first_n;       /* the number of the first event that this handle will be given; default: behind last_n */
    const char *server;     /* HOST[:BASEPORT]; 127.0.0.1:5560. Append is at BASEPORT + 1 */
    const char *append;     /* the endpoint itself; then server does not count */
    void *zmq_context;      /* yours, to outlive the handle; default: one shared by all handles of the process */
    int connect_timeout_ms; /* for opening; 5000 */
    int send_timeout_ms;    /* for room in the queue; 5000 */
    int close_timeout_ms;   /* for what is not settled at closing; 5000 */
    size_t queue_bytes;     /* most that waits to be settled; 16 MiB */
    size_t max_event_bytes; /* as configured in the broker; 1 MiB */
    const char *spool_dir;  /* keeps what is not settled on this machine's disk, see below; default: in memory only */
    uint64_t spool_bytes;   /* most that it holds on the disk; 256 MiB */
    bool spool_syncs_each;  /* tocsin_append returns when the event is on the disk, not when it is written */
    /* Called from the handle's own thread, one at a time, which they must not hold up, nor call tocsin_append…; NULL:
     * none. */
    void (*on_settled)(void *context, const struct tocsin_receipt *receipt);
    void (*on_refused)(void *context, const struct tocsin_rejection *rejection);
    /* Something about the spool for people: what a crash had left unfinished, why its disk fails. From any thread. */
    void (*on_trouble)(void *context, const char *text);
    void *context;
    const struct tocsin_curve *curve; /* keys; default: no encryption */
};

/* With a spool, a directory that belongs to this producer and to one process at a time, no broker needs to be there: an
 * event is written to the spool before tocsin_append returns, survives the death of the program, and is sent, with the
 * same number, when the broker can be reached: by this handle, or by the next that opens this spool. A thread forces what
 * was written to the disk without pause, and only then is it sent: so a power cut takes at most what was appended while
 * the disk was busy with the sync before, some milliseconds; with `spool_syncs_each` nothing, at the price of a sync for
 * each call (calls of several threads share one). What is settled leaves the disk. When spool_bytes are reached
 * tocsin_append waits for send_timeout_ms for room, then fails: nothing is dropped. Numbers of a new spool begin with the
 * clock's microseconds, above all that this producer had before. Another log at the broker gets what is not settled, and
 * not again what the former one had. docs/CLIENT.md has the rest. */

/* Connects and says hello. Numbers go on behind the producer's last one in the broker's log, or begin with `first_n`:
 * for a producer whose events have numbers already, such as lines of a file or rows of a table, which opens with the
 * first that it is not sure of and gives all from there. Those that the broker has (n <= tocsin_appender_last_n) are
 * settled at once and not sent; the rest is sent with these numbers. A first_n that leaves a gap behind last_n is
 * allowed. TOCSIN_E_UNREACHABLE: no answer in time; TOCSIN_E_CLOSED: a newer incarnation of this producer is there;
 * TOCSIN_E_INVALID: no producer's name, or no endpoint, or first_n with a spool; TOCSIN_E_NOMEM. With a spool it does not
 * wait for the broker; TOCSIN_E_LOCKED: another process has the spool; TOCSIN_E_OTHER_PRODUCER: it is another one's;
 * TOCSIN_E_CORRUPT: damage that no crash explains, and nothing is touched; TOCSIN_E_IO, TOCSIN_E_NOSPACE; on_trouble
 * says more. On failure *appender is NULL. */
TOCSIN_API int tocsin_appender_open(struct tocsin_appender **appender, const struct tocsin_appender_options *options);

/* The number of this producer's last event that the broker had when the handle opened, 0: it knew of none, or, with a
 * spool, was not reached yet. */
TOCSIN_API uint64_t tocsin_appender_last_n(struct tocsin_appender *appender);

/* Encodes and judges the event and takes it into the queue; it may be reused at once. `*n` (may be NULL) is its number.
 * TOCSIN_E_REFUSED, TOCSIN_E_INVALID and the like as tocsin_event_encode; TOCSIN_E_FULL: no room in the queue within
 * send_timeout_ms; TOCSIN_E_CLOSED: a newer incarnation has taken over. With a spool TOCSIN_E_NOSPACE: the disk is full,
 * try again later; TOCSIN_E_IO, for good: the disk fails, and so do all further calls; TOCSIN_E_CORRUPT, for good: what
 * was on the disk has changed; TOCSIN_E_OTHER_PRODUCER, for good: the broker has numbers of this producer that its spool
 * never gave out. After an error the event was not taken (with spool_syncs_each and TOCSIN_E_IO: perhaps). From any
 * thread. */
TOCSIN_API int tocsin_append(struct tocsin_appender *appender, struct tocsin_event *event, uint64_t *n);

/* Waits until event `n` is settled. 0: it is durable, or was refused and on_refused told so; `receipt` (may be NULL) is
 * the latest. TOCSIN_E_TIMEOUT (timeout_ms 0: does not wait, -1: for ever); TOCSIN_E_CLOSED as above; TOCSIN_E_INVALID:
 * no such number was given out. */
TOCSIN_API int tocsin_appender_wait(struct tocsin_appender *appender, uint64_t n, struct tocsin_receipt *receipt,
                                    int timeout_ms);

/* Waits until all events given out so far are settled. Errors as tocsin_appender_wait. */
TOCSIN_API int tocsin_appender_flush(struct tocsin_appender *appender, int timeout_ms);

struct tocsin_appender_counts {
    uint64_t appended;  /* taken by tocsin_append */
    uint64_t settled;   /* of these and of the recovered */
    uint64_t refused;   /* of the settled, by the broker */
    uint64_t sessions;  /* with the broker so far: one, and one for each break */
    uint64_t recovered; /* were in the spool when it was opened */
    int error;          /* for good, what tocsin_append would say: TOCSIN_E_CLOSED and the like; 0: all is well */
};
TOCSIN_API void tocsin_appender_count(struct tocsin_appender *appender, struct tocsin_appender_counts *counts);

/* Waits for what is not settled for up to close_timeout_ms and ends the handle in any case. TOCSIN_E_TIMEOUT:
 * `*unsettled` events (may be NULL) may be lost; TOCSIN_E_CLOSED as above. With a spool 0: `*unsettled` events are on its
 * disk; else what tocsin_append would say. */
TOCSIN_API int tocsin_appender_close(struct tocsin_appender **appender, uint64_t *unsettled);

#ifdef __cplusplus
}
#endif

#endif
