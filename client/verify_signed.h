/* The checkpoints of a log, one after the other from events.log.sig, each held against its signature and against the
 * one before it. */
#ifndef CLIENT_VERIFY_SIGNED_H
#define CLIENT_VERIFY_SIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/verify_keys.h"
#include "client/verify_told.h"

struct verify_signed {
    const struct verify_keys *keys;
    int fd; /* -1: there is no such file */
    uint64_t left_len;
    uint8_t *bytes;
    size_t start;
    size_t end;
    char log_id[VERIFY_LOG_ID_LEN + 1];
    uint64_t checked_from; /* signatures below this seq are not looked at */

    /* The checkpoint at hand. */
    bool is_there;
    bool is_trusted; /* its key is one that is believed */
    struct checkpoint at;
    uint64_t line; /* of the file, from 1 */

    struct checkpoint before; /* of the same log and key; seq 0: none yet */
    bool has_other_log;       /* some checkpoints are those of another log, and were passed over */
    uint64_t other_key_count; /* of this log, by keys that are not believed */
    uint64_t other_key_line;  /* the first of them since the last one that is believed; 0: none */
    struct checkpoint other_key;
    const char *fault; /* why the line at hand is wrong, a fragment; NULL: it is not */
    uint64_t fault_seq;
    int error; /* negative errno */
};

/* Opens the file of the directory `dir`, as long as it is now: later checkpoints belong to lines that are not looked at
 * yet. That there is none is no error. 0 or a negative errno; verify_signed_fini is due in any case. */
int verify_signed_init(struct verify_signed *points, int dir, const struct verify_keys *keys);
void verify_signed_fini(struct verify_signed *points);

/* Takes the next checkpoint of the log `log_id` in hand; is_there says whether there is one, fault and error why not. */
void verify_signed_next(struct verify_signed *points);

#endif
