/* A file is to go: the log says so, signed and durable, and the state keeps what only that file tells of (every topic's and
 * every producer's last event), before the thread that asked may remove it. */
#include "broker/broker_event.h"
#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/log.h"

/* False when memory has run out: then it is not told, and the file stays. */
static bool tell(struct journal *journal, uint64_t now_us, const struct pruned *pruned)
{
    struct event event;
    struct text *own = &journal->own;

    broker_event_begin(own, journal->options.name, TOCSIN_LEVEL_INFO, "LogPruned",
                       "A file of the log is removed: the log begins behind it from now on", 0);
    pruned_write(own, pruned, journal->options.producers);
    return !own->failed && event_view(text_span(own), &event) &&
           batch_add(&journal->batch, &event, now_us, (struct span){NULL, 0}, 0);
}

int journal_prune(struct journal *journal, uint64_t now_us, const struct pruned *pruned, bool *is_told)
{
    *is_told = false;
    int result = journal_roll(journal, now_us);
    if (result != TOCSIN_OK)
        return result;
    if (!tell(journal, now_us, pruned)) {
        log_error("out of memory: %s is not removed", pruned->file);
        return journal_commit(journal);
    }
    result = journal_commit(journal);
    if (result == TOCSIN_OK && journal->unsynced_bytes > 0)
        result = journal_flush(journal);
    if (result != TOCSIN_OK)
        return result;
    journal_checkpoint(journal, true); /* where the log begins is signed before it does */
    *is_told = log_file_keep_state(journal->options.log);
    if (!*is_told)
        log_warning("%s is not removed: the state cannot be saved", pruned->file);
    return TOCSIN_OK;
}

int journal_take_pruned(struct journal *journal)
{
    struct pruned_feed *feed = journal->options.pruned;
    const struct pruned *pruned;
    size_t len;
    bool is_told;
    int result = TOCSIN_OK;

    if (feed == NULL)
        return TOCSIN_OK;
    while (result == TOCSIN_OK && (pruned = ring_next(feed->ring, &len)) != NULL) {
        result = journal_prune(journal, clock_wall_us(), pruned, &is_told);
        if (result == TOCSIN_OK && is_told)
            atomic_store(&feed->told_seq, pruned->last_seq);
        atomic_fetch_add(&feed->answered, 1);
        ring_release(feed->ring);
    }
    return result;
}
