/* Making the index of a file of the log (log_index.h), or making it go on where it ends. Not for the thread that writes
 * the log: this takes its time. Nothing is synced: what a power cut leaves of it is checked like all the rest. */
#ifndef BROKER_LOG_INDEX_MAKE_H
#define BROKER_LOG_INDEX_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"

#define LOG_INDEX_STRIDE (UINT64_C(64) << 10) /* as a frame of a compressed file: a search unpacks two or three */

struct log_index_make {
    const struct disk *disk; /* where compressed files can be read like plain ones */
    int dir;
    uint64_t stride;     /* bytes of log for each entry, at least */
    uint64_t places_max; /* of the file that are looked at in one call */
    uint64_t line_max;
    bool (*must_stop)(void *arg);
    void *arg;
};

/* Brings the index beside the file `name` up to date, as far as its lines through `limit_seq`. What there is of it is
 * gone on with where its end is that of this very file; else, or with `anew`, it is made from the start. Takes one
 * small read of the file for each entry. 0; 1: there is more, to be gone on with; -ECANCELED: must_stop said so;
 * -EBADMSG: the file has no sound first line; another negative errno. Where it cannot be written it is removed. */
int log_index_make(const struct log_index_make *make, const char *name, uint64_t limit_seq, bool anew);

#endif
