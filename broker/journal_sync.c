/* When the disk has what was written. In the sync mode `batch` the journal waits for that in each commit. In `interval` it
 * does not: another thread waits, and meanwhile lines are written and seen. What is written behind a sync that is still
 * under way belongs to the batch before it: only when that sync has returned is it known what it made durable. */
#include <string.h>
#include <time.h>

#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/settled.h"

#define ACKS_IN_MESSAGE 1024

/* The front is behind: it publishes some thousand frames in this time. */
static const struct timespec settled_pause = {.tv_nsec = 100 * 1000};

struct settled *journal_reserve_settled(struct journal *journal, size_t len)
{
    struct ring *ring = journal->options.settled;
    struct settled *settled;
    while (!(settled = ring_reserve(ring, sizeof *settled + len))) {
        ring_flush(ring);
        nanosleep(&settled_pause, NULL);
    }
    return settled;
}

static void acknowledge(struct journal *journal, struct acks *acks)
{
    for (size_t at = 0; at < acks->count; at += ACKS_IN_MESSAGE) {
        size_t count = acks->count - at < ACKS_IN_MESSAGE ? acks->count - at : ACKS_IN_MESSAGE;
        size_t len = count * sizeof *acks->items;
        struct settled *settled = journal_reserve_settled(journal, len);
        *settled = (struct settled){.kind = SETTLED_ACKS};
        memcpy(settled + 1, acks->items + at, len);
        ring_commit(journal->options.settled, sizeof *settled + len);
    }
    if (acks->count > 0)
        ring_flush(journal->options.settled);
    acks_clear(acks);
}

void journal_acknowledge(struct journal *journal)
{
    acknowledge(journal, &journal->acks);
}

static void run_sync(void *arg)
{
    log_sync_run(arg);
}

void journal_begin_sync(struct journal *journal)
{
    struct acks covered = journal->acks;
    journal->acks = journal->acks_syncing; /* none */
    journal->acks_syncing = covered;
    journal->syncing_bytes = journal->unsynced_bytes;
    journal->synced_at_us = clock_monotonic_us();
    journal->is_syncing = true;
    log_file_sync_begin(journal->options.log, &journal->sync);
    if (journal->syncer)
        syncer_begin(journal->syncer, run_sync, &journal->sync);
    else
        log_sync_run(&journal->sync);
}

int journal_end_sync(struct journal *journal)
{
    if (!journal->is_syncing)
        return TOCSIN_OK;
    if (journal->syncer)
        syncer_wait(journal->syncer);
    journal->is_syncing = false;
    int result = log_file_sync_end(journal->options.log, &journal->sync);
    if (result != TOCSIN_OK)
        return result;
    stats_sync_took(journal->options.stats, clock_monotonic_us() - journal->synced_at_us);
    stats_set(&journal->options.stats->durable_seq, journal->sync.seq);
    journal->unsynced_bytes -= journal->syncing_bytes;
    batch_begin_group(&journal->batch, journal->sync.seq + 1);
    acknowledge(journal, &journal->acks_syncing);
    if (journal->options.feed)
        feed_wake(journal->options.feed);
    return TOCSIN_OK;
}

int journal_sync(struct journal *journal)
{
    int result = journal_end_sync(journal);
    if (result != TOCSIN_OK)
        return result;
    uint64_t began_us = clock_monotonic_us();
    result = log_file_sync(journal->options.log);
    uint64_t ended_us = clock_monotonic_us();
    if (result != TOCSIN_OK)
        return result;
    stats_sync_took(journal->options.stats, ended_us - began_us);
    stats_set(&journal->options.stats->durable_seq, journal->batch.next_seq - 1);
    journal->unsynced_bytes = 0;
    journal->synced_at_us = ended_us;
    journal->is_new_group = true;
    return TOCSIN_OK;
}

int journal_flush(struct journal *journal)
{
    int result = journal_sync(journal);
    if (result == TOCSIN_OK)
        journal_acknowledge(journal);
    if (result == TOCSIN_OK && journal->options.feed)
        feed_wake(journal->options.feed);
    batch_begin(&journal->batch, true);
    return result;
}
