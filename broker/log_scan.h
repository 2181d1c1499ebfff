/* Following the chain through a file: where is its last sound line? */
#ifndef BROKER_LOG_SCAN_H
#define BROKER_LOG_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_lasts.h"
#include "broker/log_mark.h"
#include "proto/event.h"
#include "proto/text.h"

/* What a file's first line says. */
struct log_head {
    struct log_origin origin;
    uint64_t seq;
    uint64_t received_us;
    const char *fault; /* why there is no sound first line, a fragment; NULL: there is one */
};

/* Reads the first line of a file. 0 (also with a fault; an empty file is a fault, too), or a negative errno. */
int log_scan_head(struct log_head *head, const struct disk *disk, int fd, uint64_t line_max);

/* Reads the event of the line at `offset` into `out` (cleared; the event points into it). False when there is none or
 * it cannot be read. */
bool log_scan_event(struct event *event, struct text *out, const struct disk *disk, int fd, uint64_t offset,
                    uint64_t line_max);

struct log_scan {
    /* What to do, set by the caller. */
    const struct disk *disk;
    int fd;
    uint64_t line_max;
    struct log_lasts lasts;          /* advanced by each line … */
    uint64_t lasts_seq;              /* … above this seq */
    struct log_mark *mark;           /* its end and anchors follow; set it to the start's origin before */
    const struct log_place *expects; /* a place that must be met; NULL: none */

    /* What was found. */
    uint64_t good_count;
    uint64_t received_us; /* of the last good line, as the rest */
    uint64_t last_offset; /* where it begins */
    uint64_t batch;
    uint64_t
        batch_offset; /* all before it was durable when that line was written: where its batch begins or, where lines
                              of that batch carry the one before it, where that one's do; or where the scan begins */
    uint64_t group_offset; /* where the lines with that batch begin */
    const char *fault;     /* why the line behind mark->end is bad, a fragment; NULL: the file's end was reached */
    bool is_unexpected;    /* `expects` was not met */
};

/* Follows the lines from `from` as far as they are sound. 0 or a negative errno. */
int log_scan_run(struct log_scan *scan, const struct log_place *from);

/* Advances `lasts` by the lines of a file from `offset`, those with seqs above *seq (which follows), without looking at
 * their hashes; a part of a line at the start and bad lines are stepped over. 0 or a negative errno. */
int log_scan_lasts(struct log_lasts lasts, uint64_t *seq, const struct disk *disk, int fd, uint64_t offset,
                   uint64_t line_max);

#endif
