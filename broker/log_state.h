/* The state file, tocsind.state: a cache that spares reading the whole log at a start. It is never believed against the
 * log: what it says of a file is used only where that file's lines agree, and any fault of it means doing without.
 *
 * A line "tocsin-state-2", then MessagePack values one behind the other, then BLAKE2b-256 over all before. */
#ifndef BROKER_LOG_STATE_H
#define BROKER_LOG_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_gap.h"
#include "broker/log_lasts.h"
#include "broker/log_mark.h"
#include "proto/text.h"

struct log_state {
    struct log_mark mark; /* of the file that holds the last line; all through mark.end is durable */
    uint64_t next_seq;    /* no seq below this may be given to a new line */
    enum log_gap gap;     /* why, where it is above mark.end.seq + 1 */
    bool is_relaxed;      /* lines may have been published that are not yet synced */
    char boot_id[DISK_BOOT_ID_MAX];
    struct text raw; /* only after loading: the file's bytes */
    size_t lasts_at; /* where in it the topics stand, and the producers behind them */
};

void log_state_fini(struct log_state *state);

/* Reads the file. NULL, and *state is filled (log_state_fini); or why not, a static fragment, and *state is empty. */
const char *log_state_load(struct log_state *state, const struct disk *disk, int dir);

/* Puts the loaded state's topics and producers, as of mark.end.seq, into `lasts`. False when they are not sound;
 * `lasts` may then hold some. */
bool log_state_take_lasts(const struct log_state *state, struct log_lasts lasts);

/* Writes the file anew beside the old one, syncs it and puts it in its place. lasts.topics NULL: without any (a
 * reader then looks for them in the log). Returns the bytes written, or a negative errno, and then the old file stands.
 */
int64_t log_state_save(const struct log_state *state, struct log_lasts lasts, const struct disk *disk, int dir);

#endif
