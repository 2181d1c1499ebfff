/* libtocsin: publish operational events to a Tocsin broker, and follow them live.
 *
 *     #include <stdio.h>
 *     #include <tocsin.h>
 *
 *     int main(void)
 *     {
 *         struct tocsin_subscriber *subscriber = NULL;
 *         struct tocsin_publisher *publisher = NULL;
 *         struct tocsin_event *event = tocsin_event_new();
 *         int error = tocsin_subscriber_open(&subscriber, NULL);
 *         if (!error)
 *             error = tocsin_publisher_open(&publisher, NULL);
 *         if (!error) {
 *             tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "StreamCreated",
 *                              "#default#app/cam", "A camera came");
 *             tocsin_event_map_begin(event, 1);
 *             tocsin_event_key(event, "width");
 *             tocsin_event_int(event, 1920);
 *             error = tocsin_publish(publisher, event);
 *         }
 *         struct tocsin_message message;
 *         while (!error && !(error = tocsin_subscriber_next(subscriber, &message, 2000)))
 *             if (message.kind == TOCSIN_MESSAGE_EVENT)
 *                 printf("%.*s\n", (int)message.summary.len, message.summary.data);
 *         fprintf(stderr, "%s\n", tocsin_error_text(error));
 *         tocsin_publisher_close(&publisher, NULL);
 *         tocsin_subscriber_close(&subscriber);
 *         tocsin_event_free(&event);
 *         return error == TOCSIN_E_TIMEOUT ? 0 : 1;
 *     }
 *
 *     cc program.c $(pkg-config --cflags --libs tocsin)
 *
 * Functions that return int return 0 or a negative code TOCSIN_E_… of tocsin_base.h. Functions that end something take
 * the address of the handle and leave NULL there; NULL goes in as well. Text that goes in is UTF-8 ended by NUL unless
 * a length is asked for; it is copied. Text that comes out is borrowed, and is said how long it lives. Timeouts are in
 * milliseconds. The library prints nothing, reads no environment and installs no signal handler. */
#ifndef TOCSIN_H
#define TOCSIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tocsin_base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_API __attribute__((visibility("default")))

/* ---- Words ---- */

/* The library's version, "0.1.0". */
TOCSIN_API const char *tocsin_version(void);

/* A fragment of a sentence for an error code, "timed out"; never NULL, static. */
TOCSIN_API const char *tocsin_error_text(int error);

/* The protocol's word for a level, "Warning", and for a refusal, "value". NULL when out of range. Static. */
TOCSIN_API const char *tocsin_level_word(enum tocsin_level level);
TOCSIN_API const char *tocsin_refusal_word(enum tocsin_refusal code);

/* What a refusal means, a fragment that follows the field's name: "is required and missing". Static. */
TOCSIN_API const char *tocsin_refusal_text(enum tocsin_refusal code);

/* A borrowed run of bytes, not ended by NUL. data NULL: absent. */
struct tocsin_text {
    const char *data;
    size_t len;
};

/* ---- Events to publish ----
 *
 * An event is composed by calls, each of which returns 0 or an error. The first error sticks until the next
 * tocsin_event_set or tocsin_event_from_…, and tocsin_event_encode and tocsin_publish return it: one check at the end
 * suffices. One event object serves for any number of events, and after the first few allocates nothing. It belongs to
 * one thread at a time. */
struct tocsin_event;

/* A new event; NULL when out of memory. */
TOCSIN_API struct tocsin_event *tocsin_event_new(void);
TOCSIN_API void tocsin_event_free(struct tocsin_event **event);

/* Begins an event anew, with what each one must have; without time, cause and snapshot. */
TOCSIN_API int tocsin_event_set(struct tocsin_event *event, enum tocsin_level level, const char *category,
                                const char *type, const char *source_id, const char *summary);

/* The cause, a token such as "BFrameDetected"; NULL takes it away. */
TOCSIN_API int tocsin_event_set_cause(struct tocsin_event *event, const char *cause);

/* When it happened: RFC 3339 with offset ("2026-11-21T09:30:00.125+09:00"; NULL takes it away), microseconds since 1970
 * UTC, or this moment. An event without time gets that of its receipt from the broker. */
TOCSIN_API int tocsin_event_set_time(struct tocsin_event *event, const char *time);
TOCSIN_API int tocsin_event_set_time_us(struct tocsin_event *event, uint64_t time_us);
TOCSIN_API int tocsin_event_set_time_now(struct tocsin_event *event);

/* The snapshot, the event's data: exactly one value, built from the outside inwards. A map of `pairs` takes that many
 * times a key and a value, an array `count` values; they end by themselves. Nested at most 32 deep. A value
 * too many or a key in the wrong place is TOCSIN_E_INVALID. */
TOCSIN_API int tocsin_event_map_begin(struct tocsin_event *event, uint32_t pairs);
TOCSIN_API int tocsin_event_array_begin(struct tocsin_event *event, uint32_t count);
TOCSIN_API int tocsin_event_key(struct tocsin_event *event, const char *key);
TOCSIN_API int tocsin_event_str(struct tocsin_event *event, const char *value);
TOCSIN_API int tocsin_event_strn(struct tocsin_event *event, const char *value, size_t len);
TOCSIN_API int tocsin_event_int(struct tocsin_event *event, int64_t value);
TOCSIN_API int tocsin_event_uint(struct tocsin_event *event, uint64_t value);
TOCSIN_API int tocsin_event_bool(struct tocsin_event *event, bool value);
TOCSIN_API int tocsin_event_double(struct tocsin_event *event, double value);
TOCSIN_API int tocsin_event_nil(struct tocsin_event *event);

/* A ready value, as MessagePack or as JSON text, wherever a value may stand: as the whole snapshot or within it. What
 * is no JSON is TOCSIN_E_SYNTAX. */
TOCSIN_API int tocsin_event_snapshot_msgpack(struct tocsin_event *event, const void *bytes, size_t len);
TOCSIN_API int tocsin_event_snapshot_json(struct tocsin_event *event, const char *text);

/* A whole event: a JSON object with the keys of an event, or a line of the audit log or of `tocsin sub -o json`, which
 * begin with seq (their other keys are left out); and its MessagePack. Afterwards the event can be encoded and
 * published, and not altered. What is no JSON is TOCSIN_E_SYNTAX with the place and the reason in `error` ("12: expected
 * ':'", the first byte is 1), cut to `size`; `error` may be NULL. MessagePack is one value and nothing behind it;
 * whether it is an event, encoding tells. */
TOCSIN_API int tocsin_event_from_json(struct tocsin_event *event, const char *text, size_t len, char *error,
                                      size_t size);
TOCSIN_API int tocsin_event_from_msgpack(struct tocsin_event *event, const void *bytes, size_t len);

/* The event as it goes over the wire, judged as the broker will judge it. The bytes live until the next call on the
 * event. TOCSIN_E_REFUSED: tocsin_event_refusal tells why; TOCSIN_E_INVALID: a snapshot begun and not ended, or a call
 * out of place. `bytes` and `len` may be NULL: to check only. */
TOCSIN_API int tocsin_event_encode(struct tocsin_event *event, const uint8_t **bytes, size_t *len);

/* Why the last encoding was refused: the code, and the key concerned, "" where there is none, valid until the next call
 * on the event. Returns TOCSIN_E_REFUSED, or 0 where nothing was refused. Both pointers may be NULL. */
TOCSIN_API int tocsin_event_refusal(const struct tocsin_event *event, enum tocsin_refusal *code, const char **field);

/* ---- Publishing: fire and forget ----
 *
 * Opening waits until the broker takes events, so the first one is not lost. Events in quick succession are collected
 * into one frame, for at most 100 microseconds; a lone event leaves at once. While the broker is away events wait in the
 * handle, up to queue_bytes, and leave when it is back; then publishing waits, and fails: it never drops in silence.
 * What can still be lost is what was under way when a connection broke or the broker died, for nothing is
 * acknowledged. A handle may be used by several threads at once. */
struct tocsin_publisher;
struct tocsin_curve; /* tocsin_curve.h */

#define TOCSIN_NOWAIT (-2) /* a timeout in options: do not wait at all. 0: the default, -1: for ever */

/* Zero or NULL in each means its default; all zero is a good choice. */
struct tocsin_publisher_options {
    const char *server;     /* HOST[:BASEPORT]; 127.0.0.1:5560. Ingest is at BASEPORT */
    const char *ingest;     /* the endpoint itself, "ipc:///run/tocsin/ingest"; then server does not count */
    void *zmq_context;      /* yours, to outlive the handle; default: one shared by all handles of the process */
    int connect_timeout_ms; /* for opening; 5000 */
    int send_timeout_ms;    /* for room in the queue; 5000 */
    int close_timeout_ms;   /* for what is under way at closing; 5000 */
    size_t queue_bytes;     /* most that waits to be sent; 16 MiB */
    size_t max_event_bytes; /* as configured in the broker; 1 MiB */
    bool collects_nothing;  /* each event in a frame of its own, sent at once */
    const struct tocsin_curve *curve; /* keys; default: no encryption */
};

/* Connects. TOCSIN_E_UNREACHABLE when the broker did not answer in time (with TOCSIN_NOWAIT it may come later),
 * TOCSIN_E_INTERRUPTED when a signal came first, TOCSIN_E_INVALID for an endpoint that is none. On failure *publisher
 * is NULL. */
TOCSIN_API int tocsin_publisher_open(struct tocsin_publisher **publisher,
                                     const struct tocsin_publisher_options *options);

/* Encodes, judges and sends the event; it may be reused at once. TOCSIN_E_REFUSED, TOCSIN_E_INVALID and the like as
 * tocsin_event_encode; TOCSIN_E_FULL: no room in the queue within send_timeout_ms; TOCSIN_E_UNREACHABLE: no broker
 * within it; TOCSIN_E_INTERRUPTED: a signal came meanwhile. After an error the event was not taken. */
TOCSIN_API int tocsin_publish(struct tocsin_publisher *publisher, struct tocsin_event *event);

/* Sends what was collected and waits until all has been handed to the operating system: TOCSIN_E_TIMEOUT when not in
 * time; nothing is lost by that. timeout_ms 0: does not wait, -1: for ever. */
TOCSIN_API int tocsin_publisher_flush(struct tocsin_publisher *publisher, int timeout_ms);

struct tocsin_publisher_stats {
    uint64_t events;  /* taken by tocsin_publish */
    uint64_t frames;  /* that they were sent in */
    uint64_t waiting; /* events taken and not yet handed to the operating system */
};
TOCSIN_API void tocsin_publisher_stats(struct tocsin_publisher *publisher, struct tocsin_publisher_stats *stats);

/* Flushes for up to close_timeout_ms and ends the handle in any case; no other call may be under way. TOCSIN_E_TIMEOUT:
 * `*unsent` events (may be NULL) were never sent. */
TOCSIN_API int tocsin_publisher_close(struct tocsin_publisher **publisher, uint64_t *unsent);

/* ---- Following events live ---- */
struct tocsin_subscriber;

enum tocsin_filter_kind {
    TOCSIN_FILTER_EVERYTHING,
    TOCSIN_FILTER_CATEGORY, /* all of `category` */
    TOCSIN_FILTER_SOURCE,   /* exactly the source `source_id` */
    TOCSIN_FILTER_SUBTREE, /* that source and all below it: SOURCE/…, and for a virtual host its applications #SOURCE#…
                            */
    TOCSIN_FILTER_PREFIX /* all sources whose id begins with the bytes of `source_id` */
};

/* Which topics. `category` NULL: any category; the broker then sends everything, and the library sorts out. */
struct tocsin_filter {
    enum tocsin_filter_kind kind;
    const char *category;
    const char *source_id;
};

/* Zero or NULL in each means its default. All is copied. */
struct tocsin_subscriber_options {
    const char *server;                  /* HOST[:BASEPORT]; 127.0.0.1:5560. Live is at BASEPORT + 2 */
    const char *live;                    /* the endpoint itself; then server does not count */
    void *zmq_context;                   /* as for a publisher */
    const struct tocsin_filter *filters; /* topics wanted, any of them; none: everything */
    size_t filter_count;
    const struct tocsin_filter *exclude; /* topics not wanted after all */
    size_t exclude_count;
    enum tocsin_level min_level; /* events below are passed over */
    const char *const *types;    /* types wanted, any of them; none: all */
    size_t type_count;
    int connect_timeout_ms;   /* 5000 */
    int heartbeat_timeout_ms; /* silence after which the connection counts as lost and is made anew; 5000 */
    int queue_frames;       /* most frames that wait in this process; what comes on top is lost by the broker; 100000 */
    size_t max_topics;      /* topics whose last seq is remembered; 65536 */
    size_t max_event_bytes; /* as configured in the broker; 1 MiB */
    const struct tocsin_curve *curve; /* keys; default: no encryption */
};

enum tocsin_message_kind {
    TOCSIN_MESSAGE_EVENT,
    TOCSIN_MESSAGE_GAP,      /* events that you wanted were lost on the way; they are in the broker's log */
    TOCSIN_MESSAGE_LOST,     /* the connection is lost; the library goes on trying */
    TOCSIN_MESSAGE_RESTORED, /* it is back, and all filters are in force */
    TOCSIN_MESSAGE_RESET,    /* the broker's log is another one, or went back: seq counts anew from `head` */
    TOCSIN_MESSAGE_HOLE,     /* of a stream only: the broker's log does not hold these any more */
    TOCSIN_MESSAGE_END       /* of a stream only: all through `last` was told, and no more was asked for */
};

/* What comes in. Texts are borrowed until the next call on the subscriber. Only what is named for a kind is set. */
struct tocsin_message {
    enum tocsin_message_kind kind;
    struct tocsin_text topic; /* EVENT; GAP, where one topic is concerned and not all: category "/" sourceId */
    /* EVENT */
    uint64_t seq;         /* position in the broker's log */
    uint64_t prev;        /* seq of the event before it on this topic, 0: none or unknown */
    uint64_t received_us; /* broker's clock, microseconds since 1970 UTC */
    enum tocsin_level level;
    struct tocsin_text time; /* RFC 3339 */
    struct tocsin_text category;
    struct tocsin_text type;
    struct tocsin_text source_id;
    struct tocsin_text summary;
    struct tocsin_text cause;    /* may be absent */
    struct tocsin_text snapshot; /* MessagePack, one value; may be absent */
    struct tocsin_text event;    /* MessagePack, the event as the broker has it */
    /* GAP: what was lost lies within seq first … last, both included. Where everything is subscribed and nothing
     * excluded, at_least is exactly how many; else it is known only that there are at_least so many, and at most
     * last - first + 1. Their level and type are not known. HOLE: all of first … last. END: last only. */
    uint64_t first;
    uint64_t last;
    uint64_t at_least;
    /* RESTORED, RESET */
    uint64_t head;             /* the last seq that the broker published */
    struct tocsin_text log_id; /* of the log that it writes; with EVENT too, empty before the first heartbeat */
};

/* Connects, subscribes and waits until the broker has confirmed all filters, with a heartbeat (one a second) or, where
 * one prefix is all that is asked for, with a first event: from then on every event is delivered or told as a gap.
 * Errors as tocsin_publisher_open; TOCSIN_E_PROTOCOL: what answered is no broker that the library understands.
 * TOCSIN_NOWAIT is not possible here. */
TOCSIN_API int tocsin_subscriber_open(struct tocsin_subscriber **subscriber,
                                      const struct tocsin_subscriber_options *options);

/* Fills `message` with what comes next. TOCSIN_E_TIMEOUT: nothing within timeout_ms (0: does not wait, -1: for ever);
 * TOCSIN_E_INTERRUPTED: a signal came; TOCSIN_E_PROTOCOL: a message that is none was passed over. After any of these
 * the next call goes on. A subscriber belongs to one thread at a time. */
TOCSIN_API int tocsin_subscriber_next(struct tocsin_subscriber *subscriber, struct tocsin_message *message,
                                      int timeout_ms);

/* Calls `on_message` for each message until it returns other than 0, which is returned then; or the first error of
 * tocsin_subscriber_next (there is no timeout). */
TOCSIN_API int tocsin_subscriber_run(struct tocsin_subscriber *subscriber,
                                     int (*on_message)(void *context, const struct tocsin_message *message),
                                     void *context);

/* JSON text of the last message, which was an EVENT: of its snapshot ("null" where absent), and of the whole, one line
 * as in the broker's log. Ended by NUL, which len does not count; lives until the next call on the subscriber.
 * TOCSIN_E_INVALID when the last message was no EVENT. */
TOCSIN_API int tocsin_subscriber_snapshot_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json);
TOCSIN_API int tocsin_subscriber_event_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json);

TOCSIN_API void tocsin_subscriber_close(struct tocsin_subscriber **subscriber);

#ifdef __cplusplus
}
#endif

#endif
