/* Along the chain: every line of every file is held against the one before it, against the checkpoints and against what
 * producers hold. */
#ifndef CLIENT_VERIFY_WALK_H
#define CLIENT_VERIFY_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "client/verify_files.h"
#include "client/verify_reader.h"
#include "client/verify_receipts.h"
#include "client/verify_report.h"
#include "client/verify_signed.h"

struct verify_walk {
    struct verify_report *report;
    struct verify_signed *points;
    struct verify_receipts *receipts; /* NULL: none */

    const struct verify_file *file;       /* at hand, or the last one */
    const struct verify_file *before;     /* the one before it that was walked along; NULL: none */
    bool is_last_file;                    /* of the log, not only of what is looked at */
    bool is_new_file;                     /* its first line has not been met */
    uint64_t line;                        /* lines of it that are sound */
    bool is_begun;                        /* somewhere: the rest tells where one stands */
    const struct verify_file *begun_file; /* that it began with, … */
    uint64_t begun_seq;                   /* … behind this seq, 0 where that is the log's own beginning, … */
    uint8_t begun_hash[VERIFY_HASH_LEN];  /* … and H of it */
    uint64_t pruned_seq;                  /* the line which says that retention removed what is before; 0: none does */
    uint8_t hash[VERIFY_HASH_LEN];        /* H(seq) */
    uint64_t seq;
    uint64_t received_us;
    uint64_t batch;
    bool is_stopped;    /* the last line is a BrokerStopped */
    uint64_t unseen_to; /* lines up to this seq are not all here: topics may have had some there */

    uint64_t unmatched_receipts; /* for lines that are not in these files */

    struct verify_place unsigned_from; /* the first line behind the last checkpoint that is believed */
    uint64_t unsigned_count;           /* lines from there on */
    uint64_t unsigned_us;              /* received of the first of them */
};

/* What a step comes to. */
enum verify_step {
    VERIFY_GO_ON,
    VERIFY_STOP,   /* a fault is reported */
    VERIFY_BROKEN, /* the line does not follow on those before it: to be looked at closely (verify_fault.h) */
};

/* The next line of the file; `next` is the one behind it, NULL where it is not at hand. */
enum verify_step verify_walk_line(struct verify_walk *walk, const struct verify_line *at,
                                  const struct verify_line *next);

/* A file begins whose first line is `at`: how does it tie in with what is before it? Before verify_walk_line. */
enum verify_step verify_walk_begin_file(struct verify_walk *walk, const struct verify_line *at);

/* What was looked at has ended, and the log goes on with seqs from `limit_seq` on, which is not looked at (UINT64_MAX:
 * it has ended there, too). */
void verify_walk_end(struct verify_walk *walk, uint64_t limit_seq);

#endif
