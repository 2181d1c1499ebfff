/* The rules of acknowledged publishing (PROTOCOL.md section 4.2): sessions, producers, windows, repetition. Pure: it
 * takes messages and the time, and speaks through a port; the thread with the socket is front_append.c. */
#ifndef BROKER_APPEND_H
#define BROKER_APPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/access.h"
#include "broker/producers.h"
#include "proto/event.h"
#include "proto/span.h"

struct append;

/* Where an event came from: goes through the journal and comes back in append_settled. */
struct append_origin {
    struct span producer;
    uint64_t n;
    uint32_t slot;   /* the producer's, here */
    uint64_t sender; /* who said hello */
};

/* What the rules ask of the world around them. */
struct append_port {
    void *arg;
    /* Hands a good event to the journal; false: there is no room now. */
    bool (*admit)(void *arg, const struct event *event, const struct append_origin *origin);
    /* Sends a message to a client; false: it is gone, or does not read. */
    bool (*send)(void *arg, struct span route, struct span message);
    /* An event was refused (for counters and diagnostics). */
    void (*refused)(void *arg, const struct refusal *refusal);
    /* False while the disk refuses to take more. */
    bool (*is_writable)(void *arg);
    /* Who sent the message that is being taken may not do that? NULL: he may. Of an event the field that forbids it; of
     * a producer's name a sentence, and the error's code. Any of these may be NULL: everything is allowed. */
    const char *(*forbids)(void *arg, const struct event *event);
    const char *(*forbids_producer)(void *arg, struct span producer, const char **code);
    /* What stands for who sent the message that is being taken, with a key or without. */
    uint64_t (*sender)(void *arg);
    /* How many events that key has sent too many, for which acknowledgements are held back: it waits, for its window is
     * full. `*step`, which is large before, is how many more at most may be acknowledged now. */
    uint64_t (*held)(void *arg, access_id owner, uint64_t sender, uint64_t *step);
};

struct append_options {
    const char *log_id;        /* borrowed */
    struct event_judge *judge; /* borrowed */
    uint64_t window;           /* events that a session may have unsettled */
    size_t max_producers;      /* remembered at a time */
    size_t max_sessions;
    uint64_t seed; /* for hashes */
    struct append_port port;
};

/* NULL when out of memory. */
struct append *append_new(const struct append_options *options);
void append_free(struct append **append);

/* Before the first message: what the log knows of a producer. False when out of memory. */
bool append_restore(struct append *append, struct span producer, const struct producer_last *last);

/* Takes one message of the client behind `route` (at most 255 bytes); `owner` is the key that it has shown (0: none). A
 * session belongs to the key that said hello: another one that comes by the same route finds none. */
void append_take(struct append *append, struct span route, access_id owner, struct span message, uint64_t now_us);

/* Acknowledges what was held back and is not any more. */
void append_release(struct append *append);

/* True while acknowledgements are held back. */
bool append_is_holding(const struct append *append);

/* Ends the sessions whose owner may not have them any more. */
void append_recheck(struct append *append, bool (*may_stay)(void *arg, access_id owner, struct span producer));

/* Sessions of a key that have a producer, but for that of `producer`; when there are `limit` of them, those that are gone
 * are looked for first, and forgotten. */
size_t append_count_of(struct append *append, access_id owner, struct span producer, size_t limit);

/* The journal has made all events of the producer in `slot` durable up to last->n, the one logged as last->seq. */
void append_settled(struct append *append, uint32_t slot, const struct producer_last *last);

/* About once a second: asks the silent whether they are there, and forgets the gone. */
void append_tick(struct append *append, uint64_t now_us);

size_t append_session_count(const struct append *append);

#endif
