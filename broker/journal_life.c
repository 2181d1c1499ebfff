/* The first and the last lines of a life: what the log was found like, that we are here, that we go. */
#include <poll.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/log.h"
#include "broker/settled.h"
#include "proto/error.h"

/* Commits what was told so far as a batch of its own. */
static int commit_alone(struct journal *journal)
{
    if (journal->batch.event_count == 0)
        return TOCSIN_OK;
    int result = journal_commit(journal);
    batch_begin(&journal->batch, true);
    return result;
}

/* The first line after a gap must be a batch of its own: recovery relies on it. */
static int begin_life(struct journal *journal, uint64_t now_us)
{
    journal->synced_at_us = journal->checked_at_us = clock_monotonic_us();
    journal_checkpoint(journal, false); /* what the life before had no time to sign */
    journal_tell_opened(journal, now_us);
    int result = commit_alone(journal);
    if (result == TOCSIN_OK) {
        journal_tell_gap(journal, now_us);
        result = commit_alone(journal);
    }
    if (result == TOCSIN_OK) {
        journal_tell_salvaged(journal, now_us);
        result = commit_alone(journal);
    }
    if (result == TOCSIN_OK)
        result = journal_roll(journal, now_us);
    if (result != TOCSIN_OK)
        return result;
    journal_tell_found(journal, now_us);
    journal_tell_started(journal, now_us);
    result = commit_alone(journal);
    if (result == TOCSIN_OK)
        journal_checkpoint(journal, false);
    return result;
}

int journal_begin_life(struct journal *journal, uint64_t now_us)
{
    journal->is_beginning = true;
    int result = begin_life(journal, now_us);
    journal->is_beginning = false;
    return result;
}

void journal_end_life(struct journal *journal)
{
    journal_await_piece(journal);
    if (journal->result == TOCSIN_OK) {
        journal_tell_recovered(journal, clock_wall_us());
        journal_tell_stopped(journal, clock_wall_us());
        journal->result = journal_commit(journal);
    }
    if (journal->result == TOCSIN_OK)
        journal->result = journal_sync(journal);
    if (journal->result == TOCSIN_OK) {
        journal_acknowledge(journal);
        journal_checkpoint(journal, true);
    }
    if (journal->result != TOCSIN_OK) {
        health_set(journal->options.health, HEALTH_DISK_FAILED);
        log_error("the log cannot be written any more: %s", journal->result == TOCSIN_E_NOMEM
                                                                ? error_text(journal->result)
                                                                : log_file_trouble(journal->options.log));
    }
    struct ring *ring = journal->options.settled;
    struct settled *last;
    while (!(last = ring_reserve(ring, sizeof *last))) {
        ring_flush(ring);
        poll(NULL, 0, 1);
    }
    *last = (struct settled){.kind = SETTLED_END};
    ring_commit(ring, sizeof *last);
    ring_flush(ring);
    if (!journal->is_stopping) {
        uint64_t one = 1;
        ssize_t written = write(journal->options.failure_fd, &one, sizeof one);
        (void)written;
    }
}
