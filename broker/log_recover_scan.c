/* Where to begin following the chain. Without a state that fits: at the file's start, and the topics come from all
 * lines and from earlier days. With one: at an anchor that leaves enough to be looked at, and the topics come from the
 * state and the lines behind it. Whatever then does not fit shows in the first line, or where the state ends; the file
 * is followed again from its start, without the state. */
#include <string.h>

#include "broker/log_find.h"
#include "broker/log_recover.h"
#include "proto/tocsin_base.h"

/* Readies the scan for the file's start, with no topics known. */
static struct log_place begin_at_start(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;

    log_mark_fini(&log->mark);
    log->mark.origin = recovery->head.origin;
    log_lasts_clear(log_inner_lasts(log));
    recovery->scan = (struct log_scan){.disk = log->disk,
                                       .fd = recovery->fd,
                                       .line_max = log->options.line_bytes_max,
                                       .lasts = log_inner_lasts(log),
                                       .mark = &log->mark};
    return log_mark_start(&recovery->head.origin);
}

/* Takes from the state what it knows of the file at hand. 1, 0 when it does not fit, or a negative errno. */
static int use_own_state(struct log_recovery *recovery, struct log_place *from)
{
    struct log_file *log = recovery->log;
    const struct log_mark *known = &recovery->state.mark;

    if (known->end.offset > recovery->len)
        return 0;
    int result = known->end.offset == 0 ? 1 : log_mark_check(&known->end, log->disk, recovery->fd);
    if (result != 1)
        return result;
    if (!log_state_take_lasts(&recovery->state, log_inner_lasts(log)))
        return 0;
    const struct log_place *anchor = log_mark_anchor(known, recovery->len, log->options.verify_bytes);
    if (anchor != NULL) {
        for (const struct log_place *each = known->anchors; each <= anchor; each++)
            log_mark_move(&log->mark, each);
        *from = *anchor;
    }
    recovery->scan.lasts_seq = known->end.seq;
    recovery->scan.expects = &known->end;
    return 1;
}

/* As use_own_state, when the state was saved in the file before and the topics are all that it can tell. */
static int use_earlier_state(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;

    if (!log_state_take_lasts(&recovery->state, log_inner_lasts(log)))
        return 0;
    return log_find_lasts_after(log_inner_lasts(log), &recovery->state.mark, &recovery->head.origin, log->disk,
                                log->dir, log->options.line_bytes_max);
}

/* Readies the scan and says where it begins. */
static int prepare(struct log_recovery *recovery, struct log_place *from)
{
    struct log_file *log = recovery->log;
    const struct log_origin *origin = &recovery->head.origin;
    int result = 0;

    *from = begin_at_start(recovery);
    if (recovery->is_state_used)
        result = log_mark_is_origin(&recovery->state.mark, origin) ? use_own_state(recovery, from)
                                                                   : use_earlier_state(recovery);
    if (result != 0)
        return result < 0 ? result : 0;
    *from = begin_at_start(recovery);
    if (recovery->is_state_used)
        log->opening.state_note = "the state file does not fit the log";
    recovery->is_state_used = false;
    return log_find_lasts(log_inner_lasts(log), origin, log->disk, log->dir, log->options.line_bytes_max);
}

/* True when the outcome casts doubt on the state. */
static bool is_doubtful(const struct log_recovery *recovery, const struct log_place *from)
{
    const struct log_scan *scan = &recovery->scan;
    if (!recovery->is_state_used)
        return false;
    return scan->is_unexpected || (from->offset > 0 && scan->good_count == 0) ||
           (scan->expects != NULL && scan->expects->offset > scan->mark->end.offset);
}

int log_recover_scan(struct log_recovery *recovery)
{
    struct log_file *log = recovery->log;
    struct log_place from;

    for (;;) {
        int error = prepare(recovery, &from);
        if (error == 0)
            error = log_scan_run(&recovery->scan, &from);
        log->opening.verified_bytes += log->mark.end.offset - from.offset;
        if (error < 0)
            return log_recover_error(recovery, "read", recovery->name, error);
        if (!is_doubtful(recovery, &from))
            return TOCSIN_OK;
        recovery->is_state_used = false;
        log->opening.state_note = "the state file does not fit the log";
    }
}
