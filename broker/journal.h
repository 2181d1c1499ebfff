/* The thread at the disk: takes admitted events, writes them to the log in batches, syncs, and hands the frames back to
 * be published. It ends at ADMITTED_STOP, or when the disk fails for good. */
#ifndef BROKER_JOURNAL_H
#define BROKER_JOURNAL_H

#include "broker/checkpoints.h"
#include "broker/feed.h"
#include "broker/health.h"
#include "broker/log_file.h"
#include "broker/producers.h"
#include "broker/pruned.h"
#include "broker/ring.h"
#include "broker/settings.h"
#include "broker/stats.h"

struct journal;

/* All is borrowed until journal_free. */
struct journal_options {
    const char *name; /* the broker's */
    const char *version;
    const char *log_dir;
    struct settings_sync sync;
    struct log_file *log;
    struct checkpoints *checkpoints;
    struct topics *topics;
    struct producers *producers;
    struct ring *admitted;      /* in: struct admitted */
    struct ring *settled;       /* out: struct settled */
    struct pruned_feed *pruned; /* in: from the retention thread; NULL: there is none */
    struct feed *feed;          /* out: to the stream thread; NULL: there is none */
    struct stats *stats;
    struct health *health;
    int failure_fd; /* an eventfd: written when the journal ends by itself */
};

/* NULL when out of memory. */
struct journal *journal_new(const struct journal_options *options);
void journal_free(struct journal **journal);

/* Writes the first events of this run to the log, then starts the thread. A full disk is not waited for here.
 * Errors: TOCSIN_E_NOSPACE, TOCSIN_E_IO (log_file_trouble has the sentence), TOCSIN_E_NOMEM (no thread). */
int journal_start(struct journal *journal);

/* From any thread: the broker is stopping because of `reason` (static). A full disk is not waited for any more. */
void journal_hurry(struct journal *journal, const char *reason);

/* Waits for the thread's end. 0; TOCSIN_E_IO or TOCSIN_E_NOSPACE: not all that was admitted is in the log. */
int journal_join(struct journal *journal);

/* When both the journal and the front have ended, for the message about it: how many events were taken in and are not
 * safely in the log. Empties the ring. */
uint64_t journal_count_unwritten(struct journal *journal);

#endif
