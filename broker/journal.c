/* A turn: take all that waits in the ring (up to a batch's size), give each event its place, commit. While the disk
 * works on one batch the next one collects in the ring: the busier the broker, the larger its batches.
 *
 * What can fail: memory (the event is dropped and counted), room (journal_commit.c waits), the disk (the thread ends;
 * the failure is seen in journal_join, in the health and by main). */
#include "broker/journal.h"

#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/admitted.h"
#include "broker/clock.h"
#include "broker/journal_internal.h"
#include "broker/log.h"
#include "proto/error.h"

/* Lines of one write. Smaller where nothing waits for the disk: then the write's own size costs latency. */
#define BATCH_LEN_MAX         (8 * 1024 * 1024)
#define BATCH_LEN_MAX_RELAXED (1024 * 1024)

/* Lines that are worth another thread's write: some hundred times what it takes to wake it. */
#define PIECE_LEN (512 * 1024)

/* How often to look whether someone has moved the log away. */
#define CHECK_INTERVAL_US 1000000

/* Fewer events than this between two such looks: a burst is over, and its memory goes back to the system. */
#define QUIET_EVENTS 1000

struct journal *journal_new(const struct journal_options *options)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return NULL;
    journal->options = *options;
    journal->hurry_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (journal->hurry_fd < 0) {
        free(journal);
        return NULL;
    }
    const struct log_tail *tail = log_file_tail(options->log);
    batch_init(&journal->batch, options->topics, tail->next_seq, tail->received_us, tail->hash);
    text_init(&journal->own);
    text_init(&journal->piece.lines);
    journal->piece_len = PIECE_LEN;
    acks_init(&journal->acks);
    acks_init(&journal->acks_syncing);
    atomic_store(&journal->stop_reason, "stopped");
    journal->is_new_group = true;
    return journal;
}

void journal_free(struct journal **journal)
{
    if (!*journal)
        return;
    syncer_free(&(*journal)->syncer);
    batch_fini(&(*journal)->batch);
    text_fini(&(*journal)->own);
    text_fini(&(*journal)->piece.lines);
    acks_fini(&(*journal)->acks);
    acks_fini(&(*journal)->acks_syncing);
    close((*journal)->hurry_fd);
    free(*journal);
    *journal = NULL;
}

static void drop(struct journal *journal)
{
    stats_add(&journal->options.stats->events_unwritten, 1);
    log_error("out of memory: an event is not in the log");
}

/* An event that will be acknowledged: it must not be passed over. */
static int add_appended(struct journal *journal, const struct admitted *admitted, const struct event *event,
                        struct span producer)
{
    struct producer_last last = {.n = admitted->n, .seq = journal->batch.next_seq};
    if (!acks_reserve(&journal->acks, admitted->producer_slot) ||
        !batch_add(&journal->batch, event, admitted->received_us, producer, admitted->n))
        return TOCSIN_E_NOMEM;
    memcpy(last.hash, journal->batch.hash, sizeof last.hash);
    acks_note(&journal->acks, admitted->producer_slot, &last);
    producers_advance(journal->options.producers, producer, &last);
    return TOCSIN_OK;
}

static int add_admitted(struct journal *journal, const struct admitted *admitted)
{
    if (journal->batch.event_count == 0) {
        int result = journal_roll(journal, admitted->received_us);
        if (result != TOCSIN_OK)
            return result;
        journal_tell_recovered(journal, admitted->received_us);
    }
    struct event event;
    struct span producer;
    admitted_view(admitted, &event, &producer);
    if (producer.data)
        return add_appended(journal, admitted, &event, producer);
    if (!batch_add(&journal->batch, &event, admitted->received_us, producer, 0))
        drop(journal);
    return TOCSIN_OK;
}

/* Takes what waits, up to a batch's size. */
static int take(struct journal *journal)
{
    size_t len_max = journal->options.sync.mode == SETTINGS_SYNC_BATCH ? BATCH_LEN_MAX : BATCH_LEN_MAX_RELAXED;
    while (journal->batch.taken_len + journal->batch.lines.len < len_max && !journal->is_stopping) {
        size_t len;
        const struct admitted *admitted = ring_next(journal->options.admitted, &len);
        if (!admitted)
            break;
        if (admitted->kind == ADMITTED_STOP) {
            journal->is_stopping = true;
        } else {
            journal->taken_count++;
            int result = add_admitted(journal, admitted);
            if (result == TOCSIN_OK)
                result = journal_write_ahead(journal);
            if (result != TOCSIN_OK)
                return result;
        }
    }
    ring_release(journal->options.admitted);
    return TOCSIN_OK;
}

static bool is_sync_due(const struct journal *journal, uint64_t now_us)
{
    const struct settings_sync *sync = &journal->options.sync;
    return sync->mode == SETTINGS_SYNC_INTERVAL && !journal->is_syncing && journal->unsynced_bytes > 0 &&
           now_us - journal->synced_at_us >= sync->interval_ms * 1000;
}

/* The periodic sync: begun when it is due, ended when the disk has. */
static int tick_sync(struct journal *journal, uint64_t now_us)
{
    if (journal->is_syncing && syncer_is_done(journal->syncer))
        return journal_end_sync(journal);
    if (is_sync_due(journal, now_us))
        journal_begin_sync(journal);
    return TOCSIN_OK;
}

/* What a burst has left behind: rings and buffers, and what all threads have freed since. */
static void give_back(struct journal *journal)
{
    bool is_quiet = journal->batch.next_seq - journal->checked_seq < QUIET_EVENTS;
    journal->checked_seq = journal->batch.next_seq;
    ring_trim(journal->options.settled);
    if (journal->options.feed)
        ring_trim(journal->options.feed->ring);
    batch_trim(&journal->batch);
    if (is_quiet && journal->was_busy) {
        text_fini(&journal->piece.lines);
        malloc_trim(0);
    }
    journal->was_busy = !is_quiet;
}

/* What must happen in time even when nothing comes. */
static int tick(struct journal *journal)
{
    uint64_t now_us = clock_monotonic_us();
    int result = tick_sync(journal, now_us);
    bool must_sign = journal_must_sign(journal, now_us);
    if (result == TOCSIN_OK && must_sign && journal->unsynced_bytes > 0)
        result = journal_flush(journal);
    if (result == TOCSIN_OK && must_sign)
        journal_checkpoint(journal, false);
    if (result == TOCSIN_OK && now_us - journal->checked_at_us >= CHECK_INTERVAL_US) {
        journal->checked_at_us = now_us;
        give_back(journal);
        result = log_file_check(journal->options.log);
    }
    if (result == TOCSIN_OK && journal->was_full) {
        journal_tell_recovered(journal, clock_wall_us());
        result = journal_commit(journal);
    }
    return result == TOCSIN_OK ? journal_take_pruned(journal) : result;
}

static void wait_for_events(struct journal *journal)
{
    uint64_t timeout_ms = CHECK_INTERVAL_US / 1000;
    if (journal->options.sync.mode == SETTINGS_SYNC_INTERVAL && journal->unsynced_bytes > 0 &&
        journal->options.sync.interval_ms < timeout_ms)
        timeout_ms = journal->options.sync.interval_ms;
    if (!ring_arm(journal->options.admitted))
        return;
    struct pollfd events[] = {
        {.fd = ring_fd(journal->options.admitted), .events = POLLIN},
        {.fd = journal->is_syncing ? syncer_fd(journal->syncer) : -1, .events = POLLIN},
    };
    poll(events, 2, (int)timeout_ms);
    ring_disarm(journal->options.admitted);
}

static void *run(void *arg)
{
    struct journal *journal = arg;
    while (journal->result == TOCSIN_OK && !journal->is_stopping) {
        journal->result = take(journal);
        bool was_idle = journal->batch.event_count == 0 && !journal->is_stopping;
        if (journal->result == TOCSIN_OK)
            journal->result = journal_commit(journal);
        if (journal->result == TOCSIN_OK)
            journal->result = tick(journal);
        if (was_idle && journal->result == TOCSIN_OK)
            wait_for_events(journal);
    }
    journal_end_life(journal);
    return NULL;
}

int journal_start(struct journal *journal)
{
    atomic_store(&journal->must_hurry, true);
    int result = journal_begin_life(journal, clock_wall_us());
    atomic_store(&journal->must_hurry, false);
    if (result != TOCSIN_OK)
        return result;
    if (journal->options.sync.mode != SETTINGS_SYNC_NONE && !(journal->syncer = syncer_new()))
        return TOCSIN_E_NOMEM;
    health_set(journal->options.health, HEALTH_READY);
    return pthread_create(&journal->thread, NULL, run, journal) == 0 ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

void journal_hurry(struct journal *journal, const char *reason)
{
    atomic_store(&journal->stop_reason, reason);
    atomic_store(&journal->must_hurry, true);
    uint64_t one = 1;
    ssize_t written = write(journal->hurry_fd, &one, sizeof one);
    (void)written;
}

int journal_join(struct journal *journal)
{
    pthread_join(journal->thread, NULL);
    return journal->result;
}

uint64_t journal_count_unwritten(struct journal *journal)
{
    uint64_t count = journal->taken_count;
    size_t len;
    const struct admitted *admitted;
    while ((admitted = ring_next(journal->options.admitted, &len)))
        count += admitted->kind == ADMITTED_EVENT;
    return count;
}
