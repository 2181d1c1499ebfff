/* What is signed and what producers hold, held against the lines: a part of verify_walk. */
#ifndef CLIENT_VERIFY_MATCH_H
#define CLIENT_VERIFY_MATCH_H

#include "client/verify_walk.h"

/* Why seqs are missing before a line. */
enum verify_hole {
    VERIFY_HOLE_NONE,
    VERIFY_HOLE_JUMPED,   /* SeqJumped: they were never durable, so nobody can have signed them */
    VERIFY_HOLE_SALVAGED, /* LogSalvaged: an operator had damage set aside */
    VERIFY_HOLE_UNTOLD,   /* only the first line of a file skips them */
    VERIFY_HOLE_FILES,    /* files are missing, or were not looked at */
};

/* All seqs before `seq`, which is the next one there is, are passed: what is signed or acknowledged among them is
 * judged by why they are missing. False: a fault is reported. */
bool verify_match_hole(struct verify_walk *walk, uint64_t seq, enum verify_hole hole);

/* The line was found sound and walk stands behind it. False: a fault is reported. */
bool verify_match_line(struct verify_walk *walk, const struct line *line);

/* As verify_walk_end, for checkpoints and receipts. */
void verify_match_end(struct verify_walk *walk, uint64_t limit_seq);

/* Takes checkpoints in hand up to the next one that is believed. False: a fault is reported. */
bool verify_match_next(struct verify_walk *walk);

#endif
