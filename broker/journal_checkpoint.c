/* Checkpoints (checkpoints.h): of durable lines only, and never a reason for the journal to stop. */
#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/log.h"

void journal_checkpoint(struct journal *journal, bool must_last)
{
    struct checkpoints *checkpoints = journal->options.checkpoints;
    struct stats *stats = journal->options.stats;
    bool was_well = checkpoints_trouble(checkpoints)[0] == '\0';

    if (checkpoints_write(checkpoints, clock_monotonic_us(), must_last) == TOCSIN_OK) {
        stats_set(&stats->signed_seq, checkpoints_signed_seq(checkpoints));
        if (!was_well)
            log_info("the log's checkpoints can be written again");
        return;
    }
    stats_add(&stats->checkpoint_failures, 1);
    if (was_well)
        log_warning("%s: the log goes on unsigned, and that is tried again every %u s",
                    checkpoints_trouble(checkpoints), CHECKPOINTS_INTERVAL_US / 1000000);
}

bool journal_must_sign(const struct journal *journal, uint64_t now_us)
{
    return checkpoints_is_due(journal->options.checkpoints, now_us, journal->unsynced_bytes == 0);
}
