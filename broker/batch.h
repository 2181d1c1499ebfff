/* A commit batch in the making: admitted events become lines of the log and frames for live subscribers. No files,
 * sockets or clock: the journal decides when a batch begins, and writes and publishes what is here. */
#ifndef BROKER_BATCH_H
#define BROKER_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/chain.h"
#include "broker/topics.h"
#include "proto/record.h"
#include "proto/rfc3339.h"
#include "proto/text.h"

/* Records of one topic that follow each other share a frame up to this (PROTOCOL.md section 4.1). */
#define BATCH_FRAME_LEN_MAX 65536

struct batch {
    struct topics *topics; /* borrowed */
    struct text lines;     /* whole lines of the log; those that batch_take_lines has taken are no more here */
    struct text frames;    /* struct batch_frame, then its bytes, padded to 8; read with batch_next_frame */
    struct text timed;     /* the last event with its time added */
    uint64_t next_seq;     /* what the next event gets */
    uint64_t first_seq;    /* first of the commit batch: what its lines carry */
    uint64_t received_us;  /* of the last event; never goes back */
    uint8_t hash[CHAIN_HASH_LEN];
    uint64_t event_count;
    uint64_t taken_len; /* of the lines that were taken */
    size_t peak_len;    /* the longest lines or frames since the last batch_trim */
    size_t frame_at;    /* offset of the frame that is still growing; SIZE_MAX: none */
    char received_text[RFC3339_US_LEN];
    uint64_t received_text_us;
};

struct batch_frame {
    uint32_t len;
    uint32_t event_count;
    uint64_t last_seq;
};

/* `next_seq`, `received_us` and `hash` are where the log stands. */
void batch_init(struct batch *batch, struct topics *topics, uint64_t next_seq, uint64_t received_us,
                const uint8_t hash[CHAIN_HASH_LEN]);
void batch_fini(struct batch *batch);

/* Empties lines and frames. `is_new_group`: lines from now on begin a new commit batch. */
void batch_begin(struct batch *batch, bool is_new_group);

/* Lines from now on belong to the commit batch that began with `first_seq`, some of whose lines may be there already. */
void batch_begin_group(struct batch *batch, uint64_t first_seq);

/* Takes the lines made so far for the empty text `lines`, whose memory the next ones get. */
void batch_take_lines(struct batch *batch, struct text *lines);

/* Gives back memory of which not a quarter was needed since the last call; does nothing to a batch with events. */
void batch_trim(struct batch *batch);

/* Gives the event its place: seq, prev, received (the later of `received_us` and the one before), line, frame.
 * `producer` with data NULL: none, and then no n. False when memory ran out: then nothing has changed. */
bool batch_add(struct batch *batch, const struct event *event, uint64_t received_us, struct span producer, uint64_t n);

/* The frames in order: start with *at = 0; false at the end. */
bool batch_next_frame(const struct batch *batch, size_t *at, struct batch_frame *frame, struct span *bytes);

#endif
