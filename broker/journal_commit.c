/* Committing a batch: what is not written yet (journal_ahead.c), in the sync mode `batch` one fdatasync, then the
 * frames go to the front. A full disk holds the journal here, with the batch in its hands, until there is room;
 * meanwhile the ring takes what comes. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/log.h"

/* In the relaxed modes too, so that recovery never has much to look at. */
#define UNSYNCED_BYTES_MAX (32 * 1024 * 1024)

#define FULL_RETRY_MS 1000

static void note_full(struct journal *journal)
{
    if (journal->full_since_us > 0)
        return;
    journal->full_since_us = clock_monotonic_us();
    journal->full_since_wall_us = clock_wall_us();
    journal->full_free_bytes = log_file_space(journal->options.log).free_bytes;
    journal->full_dropped = stats_get(&journal->options.stats->events_dropped);
    health_set(journal->options.health, HEALTH_DISK_FULL);
    log_error("no room for the log in %s: %s. Events wait in memory and the log is tried again each second; make room",
              journal->options.log_dir, log_file_trouble(journal->options.log));
}

void journal_note_room(struct journal *journal)
{
    if (journal->full_since_us == 0)
        return;
    journal->was_full = true;
    journal->recovered_us = clock_monotonic_us() - journal->full_since_us;
    journal->recovered_dropped = stats_get(&journal->options.stats->events_dropped) - journal->full_dropped;
    journal->full_since_us = 0;
    health_set(journal->options.health, HEALTH_READY);
    log_info("the log has room again");
}

bool journal_wait_for_room(struct journal *journal)
{
    if (atomic_load(&journal->must_hurry))
        return false;
    note_full(journal);
    struct pollfd hurry = {.fd = journal->hurry_fd, .events = POLLIN};
    poll(&hurry, 1, FULL_RETRY_MS);
    return true;
}

/* In the relaxed modes too much must not be unsynced. */
static int sync_in_time(struct journal *journal)
{
    if (journal->options.sync.mode == SETTINGS_SYNC_BATCH || journal->is_beginning)
        return journal_sync(journal);
    int result = journal->unsynced_bytes < UNSYNCED_BYTES_MAX ? TOCSIN_OK : journal_end_sync(journal);
    return result != TOCSIN_OK || journal->unsynced_bytes < UNSYNCED_BYTES_MAX ? result : journal_sync(journal);
}

static void settle(struct journal *journal, const struct batch_frame *frame, struct span bytes)
{
    struct settled *settled = journal_reserve_settled(journal, bytes.len);
    *settled = (struct settled){SETTLED_FRAME, frame->event_count, frame->last_seq};
    memcpy(settled + 1, bytes.data, bytes.len);
    ring_commit(journal->options.settled, sizeof *settled + bytes.len);
}

static void publish(struct journal *journal)
{
    size_t at = 0;
    struct batch_frame frame;
    struct span bytes;
    while (batch_next_frame(&journal->batch, &at, &frame, &bytes))
        settle(journal, &frame, bytes);
    ring_flush(journal->options.settled);
}

static void count(struct journal *journal)
{
    struct stats *stats = journal->options.stats;
    stats_add(&stats->batches, 1);
    stats_add(&stats->log_bytes, journal->batch.taken_len);
    stats_add(&stats->events_logged, journal->batch.event_count);
    stats_set(&stats->head_seq, journal->batch.next_seq - 1);
    stats_set(&stats->topics, topics_count(journal->options.topics));
    stats_set(&stats->topics_evicted, topics_evicted(journal->options.topics));
}

int journal_commit(struct journal *journal)
{
    if (journal->batch.event_count == 0)
        return TOCSIN_OK;
    int result = journal_write_rest(journal);
    if (result != TOCSIN_OK)
        return result;
    journal->is_new_group = false;
    result = sync_in_time(journal);
    if (result != TOCSIN_OK)
        return result;
    stats_commit_took(journal->options.stats, clock_monotonic_us() - journal->write_began_us);
    count(journal);
    publish(journal);
    if (journal->options.feed)
        feed_offer(journal->options.feed, &journal->batch, journal->batch.next_seq - 1);
    /* where nothing is promised of the disk, "written" is all that an acknowledgement says */
    if (journal->is_new_group || journal->options.sync.mode == SETTINGS_SYNC_NONE)
        journal_acknowledge(journal);
    batch_begin(&journal->batch, journal->is_new_group);
    journal->taken_count = 0;
    return TOCSIN_OK;
}

int journal_roll(struct journal *journal, uint64_t now_us)
{
    if (!log_file_is_due(journal->options.log, now_us))
        return TOCSIN_OK;
    char rolled_name[LOG_NAME_MAX];
    int result = journal->unsynced_bytes > 0 ? journal_sync(journal) : TOCSIN_OK;
    if (result != TOCSIN_OK)
        return result;
    journal_checkpoint(journal, true); /* closes the old file */
    do {
        result = log_file_roll(journal->options.log, rolled_name);
    } while (result == TOCSIN_E_NOSPACE && journal_wait_for_room(journal));
    if (result != TOCSIN_OK)
        return result;
    journal_note_room(journal);
    log_info("a day has ended: its log is %s now", rolled_name);
    stats_add(&journal->options.stats->rolls, 1);
    journal->unsynced_bytes = 0;
    journal->is_new_group = true;
    batch_begin(&journal->batch, true);
    journal_tell_opened(journal, now_us);
    journal_tell_rolled(journal, now_us, rolled_name);
    return TOCSIN_OK;
}
