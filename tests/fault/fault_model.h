/* What the log must hold: every line as the journal made it, and how many of them were promised to whom.
 *
 * An account of its own: lines are taken apart by searching for their keys, and their chain is reckoned with libsodium
 * directly. A log is right when its files, one behind the other, are byte for byte the first lines of the model, as
 * many as were promised at the least. */
#ifndef TESTS_FAULT_MODEL_H
#define TESTS_FAULT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/producers.h"
#include "broker/topics.h"
#include "proto/span.h"
#include "tests/fault/sim_disk.h"

#define MODEL_LINES_MAX  1024u
#define MODEL_NAMES_MAX  32u
#define MODEL_ASIDES_MAX 24u

struct model_line {
    size_t end; /* offset behind it in model->bytes */
    uint64_t seq;
    uint64_t batch;
    uint64_t n;
    unsigned topic;
    unsigned producer; /* MODEL_NAMES_MAX: none */
    uint8_t chain[32];
    bool is_opened; /* a file begins here */
};

/* A file that recovery has set aside: nothing may touch it. */
struct model_aside {
    char name[SIM_NAME_SIZE];
    size_t len;
    uint8_t hash[32];
};

struct model {
    struct sim_bytes bytes; /* all lines */
    struct model_line lines[MODEL_LINES_MAX];
    size_t count;
    size_t pruned;          /* so many first lines may be gone: the log has said so */
    size_t gone;            /* so many are, when last looked at */
    size_t safe_power;      /* so many first lines survive a power cut … */
    size_t safe_kill;       /* … and the end of the process */
    uint64_t published_max; /* the highest seq that anyone has seen */
    char log_id[33];        /* "": not yet known */
    char received[28];      /* of the last line */
    struct model_aside asides[MODEL_ASIDES_MAX];
    size_t aside_count;
};

/* Why something is wrong, for the person who looks for the fault. "" while nothing is. */
struct verdict {
    char why[400];
};

/* Notes the first thing that is wrong; always false. */
bool verdict_fail(struct verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool verdict_is_red(const struct verdict *verdict)
{
    return verdict->why[0] != '\0';
}

void model_clear(struct model *model);
void model_fini(struct model *model);
void model_copy(struct model *to, const struct model *from);

/* Adds the lines of a batch that is about to be written: each must follow on the one before, with the seq `next_seq`
 * first, and must never have been published before. */
bool model_add(struct model *model, struct span lines, uint64_t next_seq, struct verdict *verdict);

/* How many lines have seqs up to `seq`. */
size_t model_count_upto(const struct model *model, uint64_t seq);

/* The line of a seq; NULL where there is none. */
const struct model_line *model_line_of(const struct model *model, uint64_t seq);

/* After a crash: only these are left; from now on they stay. */
void model_cut(struct model *model, size_t count);

/* How many of the model's first lines the files of the log hold, those counted that retention may have removed, and how
 * many bytes there are behind them in events.log (what must be set aside). Files other than the last one must hold
 * nothing else; a compressed one, where the plain one is there too, the same. */
bool model_compare(struct model *model, struct sim_disk *sim, size_t *count, size_t *rest, struct verdict *verdict);

/* All that the log's files hold is on the disk, under their names. */
bool model_is_durable(struct sim_disk *sim, struct verdict *verdict);

/* The last seqs and last events are those of the first `count` lines; only a topic whose last line is gone may be
 * unknown. */
bool model_check_lasts(const struct model *model, size_t count, const struct topics *topics,
                       const struct producers *producers, struct verdict *verdict);

/* No whole checkpoint of this log names a line that the log does not have, or not so: it would be taken for proof that
 * someone has changed the log. */
bool model_check_signed(const struct model *model, size_t count, struct sim_disk *sim, struct verdict *verdict);

/* Files that were set aside are as they were, and a new one is noted. */
bool model_check_asides(const struct model *model, struct sim_disk *sim, struct verdict *verdict);
bool model_add_aside(struct model *model, struct sim_disk *sim, const char *name, struct span content,
                     struct verdict *verdict);

#endif
