/* The event: a checked, borrowed view of one MessagePack map (PROTOCOL.md sections 1 and 2). */
#ifndef PROTO_EVENT_H
#define PROTO_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

/* Every span points into `bytes`; a view dies with the frame that it was read from. */
struct event {
    struct span bytes;    /* the whole map as it arrived */
    struct span time;     /* data NULL where absent, as for cause and snapshot */
    struct span category; /* contents of the strings, without their MessagePack heads */
    struct span type;
    struct span source_id;
    struct span summary;
    struct span cause;
    struct span snapshot; /* one whole encoded value */
    enum tocsin_level level;
};

/* Why an event was refused; code TOCSIN_ACCEPTED: it was not. */
struct refusal {
    enum tocsin_refusal code;
    struct span field; /* the top-level key concerned, its first TOCSIN_FIELD_MAX bytes at most; len 0 where there is
                          none. Valid UTF-8; may point into the event's bytes, and hold control characters */
};

/* Works through events; holds the memory that the search for repeated keys needs, so that judging allocates nothing.
 * One a thread. */
struct event_judge;

/* `max_event_bytes`: longer events are refused with `length`. `seed` keys the hash of repeated keys: any number that
 * the senders do not know. NULL when out of memory. */
struct event_judge *event_judge_new(size_t max_event_bytes, uint64_t seed);
void event_judge_free(struct event_judge **judge);

/* Judges the first value in `bytes`. Returns the number of bytes that it takes, so that the next event of a frame
 * begins there, whether it was accepted or refused; 0 only for `malformed`, after which nothing in the frame can be
 * trusted. On acceptance (refusal->code 0) `event` is filled; else its content is undefined.
 *
 * Of several faults the one named is: malformed, else the whole event's length, else the first in the order of the
 * bytes, else the first missing key in the order of PROTOCOL.md's table. */
size_t event_judge(struct event_judge *judge, struct span bytes, struct event *event, struct refusal *refusal);

/* Reads a map that has passed event_judge before, from bytes of our own (a ring, the log): no checks, only the view.
 * Bytes that have not passed are a bug of the caller; the reader still stays within them (false). */
bool event_view(struct span bytes, struct event *event);

/* Writes category "/" sourceId to `out` (TOCSIN_TOPIC_MAX bytes at least) WITHOUT the closing NUL; returns the length,
 * at most TOCSIN_TOPIC_MAX - 1. */
size_t event_topic(const struct event *event, char *out);

/* Appends the event's bytes with `time` added at the end of the map; for an event that has none. */
void event_write_with_time(struct text *out, const struct event *event, struct span time);

#endif
