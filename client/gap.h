/* What was lost on the way: told from seq and prev of the records and the head in the heartbeats (PROTOCOL.md sections
 * 3 and 4.1). Pure.
 *
 * A subscriber to everything sees each seq: what is missing is counted exactly. With filters seq jumps as it must;
 * there each topic is a chain by prev, and a record whose prev is none that was seen tells that at least that one was
 * lost. */
#ifndef CLIENT_GAP_H
#define CLIENT_GAP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

struct gap_tracker;

enum gap_verdict {
    GAP_NONE,
    GAP_LOST,      /* `gap` tells what */
    GAP_WENT_BACK, /* the log is not the one that it was; counting has begun anew */
};

struct gap {
    uint64_t first; /* what was lost lies within first … last */
    uint64_t last;
    uint64_t at_least; /* how many */
    bool is_exact;     /* exactly so many, of any topic; else of the record's topic */
};

/* NULL when out of memory. `max_topics` bounds what is remembered where not everything is subscribed. */
struct gap_tracker *gap_tracker_new(bool is_everything, size_t max_topics);
void gap_tracker_free(struct gap_tracker **tracker);

/* Counting begins behind `head`: what is at or below it is none of ours. */
void gap_begin(struct gap_tracker *tracker, uint64_t head);

/* A record came; prev is below seq. */
enum gap_verdict gap_on_record(struct gap_tracker *tracker, struct span topic, uint64_t seq, uint64_t prev,
                               struct gap *gap);

/* A heartbeat came: all records through `head` have been sent. */
enum gap_verdict gap_on_head(struct gap_tracker *tracker, uint64_t head, struct gap *gap);

#endif
