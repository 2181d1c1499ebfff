/* The latest records in memory, as they were published: what sessions that are up to date are served from. Frames
 * without a gap between them, the oldest dropped to make room. Pure. */
#ifndef BROKER_STREAM_TAIL_H
#define BROKER_STREAM_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

struct stream_tail;

/* Records of one topic, with seqs from first to last without a gap. Spans live until the next stream_tail_add. */
struct stream_frame {
    uint64_t first_seq;
    uint64_t last_seq;
    struct span topic;   /* without NUL */
    struct span records; /* back to back */
    uint64_t next_at;    /* the place of the frame behind it */
};

/* Room for `capacity` bytes, rounded up to a power of two; pages are touched only as they are used. NULL when out of
 * memory. */
struct stream_tail *stream_tail_new(size_t capacity);
void stream_tail_free(struct stream_tail **tail);

/* Adds a frame (topic, NUL, records) of `count` records of which the last has `last_seq`. Where it does not follow on
 * the one before, all that is held is dropped first. A frame without a NUL, or one too long to be held, empties the
 * tail. */
void stream_tail_add(struct stream_tail *tail, struct span frame, uint64_t last_seq, uint32_t count);

/* Drops frames of which the last seq is not above `seq`, and gives the memory that is free then back to the system. */
void stream_tail_drop(struct stream_tail *tail, uint64_t seq);

/* The seqs that are held: first > last when there are none; then last is still the last one that was added. */
uint64_t stream_tail_first(const struct stream_tail *tail);
uint64_t stream_tail_last(const struct stream_tail *tail);

/* The frame that holds `seq`, which must be held. `*at` is a guess at its place, 0 for none, and becomes the place. */
void stream_tail_find(const struct stream_tail *tail, uint64_t seq, uint64_t *at, struct stream_frame *frame);

#endif
