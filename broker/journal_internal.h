/* What the files of the journal share. */
#ifndef BROKER_JOURNAL_INTERNAL_H
#define BROKER_JOURNAL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "broker/acks.h"
#include "broker/batch.h"
#include "broker/journal.h"
#include "broker/settled.h"
#include "broker/syncer.h"

/* Lines on their way into the log. */
struct journal_piece {
    struct text lines; /* empty: all that was cut off is written */
    struct log_file *log;
    uint64_t last_seq; /* of the last line, as the next three */
    uint64_t received_us;
    uint64_t batch;
    uint8_t hash[CHAIN_HASH_LEN];
    bool is_writing; /* by the syncer: nobody else may touch the piece or the log */
    int result;
};

struct journal {
    struct journal_options options;
    struct batch batch;
    struct journal_piece piece;
    size_t piece_len; /* a batch of so many bytes is written while it is still made */
    struct acks acks;
    struct acks acks_syncing; /* what the sync that is under way covers */
    struct log_sync sync;
    struct syncer *syncer; /* NULL: the disk is waited for */
    bool is_syncing;
    struct text own; /* an event of the broker's own in the making */
    pthread_t thread;
    int hurry_fd;
    atomic_bool must_hurry;
    _Atomic(const char *) stop_reason;
    bool is_new_group;           /* the next line begins a commit batch: all before it is synced */
    bool is_beginning;           /* of this life the disk knows nothing yet: batches are synced before they are seen */
    bool is_stopping;            /* ADMITTED_STOP came */
    int result;                  /* the first failure */
    uint64_t taken_count;        /* events taken from the ring for the batch that is being made or written */
    uint64_t write_began_us;     /* monotonic; with the batch's first piece */
    uint64_t unsynced_bytes;     /* written, and no sync that covers it has returned */
    uint64_t syncing_bytes;      /* how many of them the sync that is under way covers */
    uint64_t synced_at_us;       /* monotonic; when that began, or the last one ended */
    uint64_t checked_at_us;      /* monotonic */
    uint64_t checked_seq;        /* what came next then */
    bool was_busy;               /* many events came in the time before that */
    uint64_t full_since_wall_us; /* 0: the disk is not known to be full */
    uint64_t full_since_us;      /* monotonic */
    uint64_t full_free_bytes;
    uint64_t full_dropped; /* events dropped before it was full */
    bool was_full;         /* to be told in the log */
    uint64_t recovered_us; /* how long it was full */
    uint64_t recovered_dropped;
};

/* journal_events.c: adds events of the broker's own to the batch, with the clock's time. */
void journal_tell_opened(struct journal *journal, uint64_t now_us);
void journal_tell_started(struct journal *journal, uint64_t now_us);
void journal_tell_found(struct journal *journal, uint64_t now_us);
void journal_tell_gap(struct journal *journal, uint64_t now_us);
void journal_tell_salvaged(struct journal *journal, uint64_t now_us);
void journal_tell_rolled(struct journal *journal, uint64_t now_us, const char *rolled_name);
void journal_tell_recovered(struct journal *journal, uint64_t now_us);
void journal_tell_stopped(struct journal *journal, uint64_t now_us);

/* journal_life.c: the first events of a life: what the log was found like, and that we are here. They are synced before they
 * are seen, in the relaxed modes, too: until the disk has one of them, the log still ends like one that was stopped in
 * order, and the start after a power cut would skip no seqs. 0 or the failure that ends the journal. */
int journal_begin_life(struct journal *journal, uint64_t now_us);

/* The last event of a life, synced and signed, unless the journal has failed: then that is told. The front learns that
 * nothing follows. */
void journal_end_life(struct journal *journal);

/* journal_commit.c: writes, syncs and publishes the batch, and empties it. 0 or the failure that ends the journal. */
int journal_commit(struct journal *journal);

/* A write found no room: true, after a while, when it is worth another try; false when the broker is stopping. */
bool journal_wait_for_room(struct journal *journal);

/* A write found room: when others before it did not, that is to be told in the log. */
void journal_note_room(struct journal *journal);

/* journal_ahead.c: while a long batch is made, what there is of its lines is written, so that the disk works
 * meanwhile. To be called for each event. Nothing of it is seen or acknowledged before all of the batch is written
 * and synced. 0 or the failure that ends the journal. */
int journal_write_ahead(struct journal *journal);

/* Writes what of the batch's lines is not written yet. 0; TOCSIN_E_NOSPACE, when the broker is stopping: to be called
 * again; TOCSIN_E_IO. */
int journal_write_rest(struct journal *journal);

/* Waits until the syncer has its hands off the log. */
void journal_await_piece(struct journal *journal);

/* journal_sync.c: room for a message to the front, however long that takes. */
struct settled *journal_reserve_settled(struct journal *journal, size_t len);

/* Hands the acknowledgements noted so far to the front: what they cover is as safe as the sync mode promises. */
void journal_acknowledge(struct journal *journal);

/* Syncs what was written since the last time; waits for a sync that is under way, and ends it. */
int journal_sync(struct journal *journal);

/* Begins to sync all that was written, by the syncer; none may be under way. */
void journal_begin_sync(struct journal *journal);

/* Waits for the sync that is under way, if one is; acknowledges and shows what that has made durable. To be called before
 * the next line is made. 0 or the failure that ends the journal. */
int journal_end_sync(struct journal *journal);

/* Syncs, and acknowledges and shows what that has made durable; the next line begins a new group. */
int journal_flush(struct journal *journal);

/* journal_pruned.c: tells in the log that a file is to go. 0 or the failure that ends the journal; *is_told: it is in the
 * log, durable, and the state is saved. The batch must be empty. */
int journal_prune(struct journal *journal, uint64_t now_us, const struct pruned *pruned, bool *is_told);

/* Answers what the retention thread has asked. 0 or the failure that ends the journal. */
int journal_take_pruned(struct journal *journal);

/* journal_checkpoint.c: signs where the log stands, all of which must be durable; `must_last`: and syncs that. */
void journal_checkpoint(struct journal *journal, bool must_last);

/* True when it is time for a checkpoint. `now_us` is monotonic. */
bool journal_must_sign(const struct journal *journal, uint64_t now_us);

/* Rolls the log when the day of `now_us` is another; tells so in the batch, which must be empty. */
int journal_roll(struct journal *journal, uint64_t now_us);

#endif
