/* What the parts of recovery share; nobody else includes it. */
#ifndef BROKER_LOG_RECOVER_H
#define BROKER_LOG_RECOVER_H

#include "broker/log_inner.h"
#include "broker/log_message.h"
#include "broker/log_scan.h"

struct log_recovery {
    struct log_file *log;
    struct text *message;
    struct log_state state;
    bool has_state;     /* it could be read … */
    bool is_state_used; /* … and fits the log so far */
    uint64_t lost_seq;  /* the highest seq of what salvage set aside */

    /* The file at hand. */
    char name[LOG_NAME_MAX];
    int fd;
    bool is_current;
    uint64_t len;
    struct log_head head;
    struct log_scan scan;
};

/* The message for a failing disk (errno negative); returns its code. */
static inline int log_recover_error(const struct log_recovery *recovery, const char *what, const char *name, int error)
{
    return log_message_error(recovery->message, what, recovery->log->options.dir, name, error);
}

/* All return 0 or an error of log_file_open with its message. */

/* log_recover_file.c: follows the file at hand, whose first line is sound, to its end, mends it there and takes over
 * where the log stands. */
int log_recover_file(struct log_recovery *recovery);

/* log_recover_file.c: there is no sound line behind `end`, for the reason `fault`: judges what is there, sets it aside
 * and cuts the file back, or refuses. */
int log_recover_mend(struct log_recovery *recovery, const struct log_place *end, const char *fault);

/* log_recover_scan.c: follows the chain of the file at hand from the best place that the state knows; fills scan, the
 * log's mark and its topics. */
int log_recover_scan(struct log_recovery *recovery);

/* log_recover_gap.c: what the next line's seq must be, and why there is a gap before it. */
void log_recover_gap(struct log_recovery *recovery);

#endif
