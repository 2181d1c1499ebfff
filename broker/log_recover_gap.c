#include <string.h>

#include "broker/checkpoints.h"
#include "broker/log_recover.h"

#define POWER_LEAP     100000000u          /* more seqs than any machine loses at a power cut */
#define STATE_LEAP_MAX (UINT64_C(1) << 40) /* a state that is further ahead is not believed */

static bool has_own_state(const struct log_recovery *recovery)
{
    return recovery->has_state && strcmp(recovery->state.mark.origin.log_id, recovery->log->tail.log_id) == 0;
}

/* The machine went down while lines were out that were not yet on the disk: nobody knows how many. */
static bool has_lost_power(const struct log_recovery *recovery)
{
    const struct log_file *log = recovery->log;
    if (log->opening.was_stopped_cleanly)
        return false;
    if (!has_own_state(recovery))
        return log->options.is_relaxed;
    return recovery->state.is_relaxed &&
           (log->boot_id[0] == '\0' || strcmp(recovery->state.boot_id, log->boot_id) != 0);
}

/* The seq that the state says comes next, when it is this log's and ahead; else 0. */
static uint64_t next_seq_of_state(const struct log_recovery *recovery)
{
    const struct log_state *state = &recovery->state;
    const struct log_tail *tail = &recovery->log->tail;

    if (!has_own_state(recovery))
        return 0;
    return state->next_seq > tail->seq + 1 && state->next_seq - tail->seq <= STATE_LEAP_MAX ? state->next_seq : 0;
}

/* As next_seq_of_state: what was signed was durable, whatever has become of it. */
static uint64_t next_seq_of_checkpoints(const struct log_recovery *recovery)
{
    const struct log_file *log = recovery->log;
    uint64_t seq = checkpoints_last_seq(log->disk, log->dir, log->tail.log_id);

    return seq > log->tail.seq && seq - log->tail.seq <= STATE_LEAP_MAX ? seq + 1 : 0;
}

void log_recover_gap(struct log_recovery *recovery)
{
    struct log_opening *opening = &recovery->log->opening;
    struct log_tail *tail = &recovery->log->tail;
    uint64_t known = next_seq_of_state(recovery);
    uint64_t signed_next = next_seq_of_checkpoints(recovery);

    tail->next_seq = tail->seq + 1;
    opening->gap = LOG_GAP_NONE;
    if (recovery->lost_seq > tail->seq) {
        opening->gap = LOG_GAP_DAMAGE;
        tail->next_seq = recovery->lost_seq + 1;
    }
    if (known > tail->next_seq) {
        if (opening->gap == LOG_GAP_NONE)
            opening->gap = recovery->state.mark.end.seq > tail->seq ? LOG_GAP_SHORTENED : recovery->state.gap;
        tail->next_seq = known;
    }
    if (signed_next > tail->next_seq) {
        if (opening->gap == LOG_GAP_NONE)
            opening->gap = LOG_GAP_SHORTENED;
        tail->next_seq = signed_next;
    }
    if (has_lost_power(recovery)) {
        opening->gap = LOG_GAP_POWER;
        tail->next_seq += POWER_LEAP;
    }
    if (opening->gap == LOG_GAP_NONE)
        return;
    opening->gap_from = tail->seq + 1;
    opening->gap_to = tail->next_seq - 1;
}
