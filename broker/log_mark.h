/* Points between the lines of a file from which its chain can be followed. */
#ifndef BROKER_LOG_MARK_H
#define BROKER_LOG_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/chain.h"
#include "broker/disk.h"
#include "broker/log_origin.h"

/* A point between two lines, or at one end of the file. */
struct log_place {
    uint64_t offset;
    uint64_t line; /* lines before it in the file */
    uint64_t seq;  /* of the line before it, be it in an earlier file */
    uint8_t hash[CHAIN_HASH_LEN];
};

/* What is known of one file. */
struct log_mark {
    struct log_origin origin;  /* what its first line says: tells one file from another */
    struct log_place end;      /* behind its last line */
    struct log_place *anchors; /* in their order */
    size_t anchor_count;
    size_t anchor_room;
    uint64_t anchor_bytes; /* they are this far apart, at least */
};

/* Forgets all but the distance of anchors, and frees. */
void log_mark_fini(struct log_mark *mark);

/* Where the file of this origin begins. */
struct log_place log_mark_start(const struct log_origin *origin);

/* True when both are first lines of the same file. */
bool log_mark_is_origin(const struct log_mark *mark, const struct log_origin *origin);

/* Moves the end; adds it to the anchors when the last one is far enough behind (not when memory runs out: an anchor
 * only saves time). */
void log_mark_move(struct log_mark *mark, const struct log_place *end);

/* The newest anchor that leaves at least `leave` bytes of a file of `len` bytes; NULL where there is none. */
const struct log_place *log_mark_anchor(const struct log_mark *mark, uint64_t len, uint64_t leave);

/* 1 when the bytes of the file before place->offset are the end of a line with place->hash, 0 when not, or a negative
 * errno. */
int log_mark_check(const struct log_place *place, const struct disk *disk, int fd);

#endif
