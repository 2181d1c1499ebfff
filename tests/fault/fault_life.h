/* A broker's life on the simulated disk: opened, written to and closed by the broker's own code — log_file.h, batch.h
 * and the journal's commit, roll and events — in one thread and with a clock in our hands; held against the model at
 * every step. What the journal's loop does around them (journal.c: begin_life, take, tick) is done here in the same
 * order. */
#ifndef TESTS_FAULT_LIFE_H
#define TESTS_FAULT_LIFE_H

#include "broker/journal_internal.h"
#include "broker/retention_work.h"
#include "tests/fault/fault_model.h"

/* Faults that are put in on purpose, to see them found. */
enum plant {
    PLANT_NOTHING,
    PLANT_NO_SYNC,      /* fdatasync does nothing */
    PLANT_EARLY_ACK,    /* acknowledged when fdatasync is called, not when it has returned */
    PLANT_NO_DIR_SYNC,  /* the directory is not synced when a new events.log is in it */
    PLANT_LOST_LINE,    /* recovery drops the last line */
    PLANT_NO_REWRITE,   /* recovery believes the last batch without writing it again */
    PLANT_SILENT_PRUNE, /* retention removes a file that the log says nothing of */
    PLANT_NO_PACK_SYNC, /* what is compressed is not synced before the original goes */
    PLANT_COUNT
};
extern const char *const plant_words[PLANT_COUNT];

struct life {
    struct sim_disk sim;
    struct model model;
    struct verdict *verdict; /* shared */
    struct sim_random *random;
    enum plant plant;
    enum settings_sync_mode mode;
    uint64_t now_us;
    bool was_cut_off; /* by a power cut, since the last time that the log was opened */

    /* Of one life; the rest lasts. */
    struct log_file *log;
    struct journal *journal; /* from life_begin on, as the next */
    struct checkpoints *checkpoints;
    struct text message;
    struct topics *topics;
    struct producers *producers;
    struct ring *settled;
    struct stats stats;
    struct health health;
    struct sim_bytes found; /* events.log as it was */
    int told_result;        /* of the journal, in life_retain */
    unsigned depth;         /* the caller's */

    /* Called before each operation that changes something; may copy the life, or set sim.is_dead. */
    void (*before)(struct life *life, const struct sim_op *op);
};

/* Before the first life, and after the last. */
void life_make_key(void);
void life_remove_key(void);

/* `life` is zero, and large: static or from the heap. */
void life_init(struct life *life, struct verdict *verdict, struct sim_random *random);
void life_fini(struct life *life);

/* An empty disk and model. */
void life_clear(struct life *life);

/* Another life's disk and model, at this moment, without its process. */
void life_copy(struct life *to, const struct life *from);

/* The end of the process or of the machine. To be called when no log is open. */
void life_crash(struct life *life, enum sim_crash crash);

/* Opens the log and judges what recovery has made of it. 0 or an error of log_file_open; an error is a violation, unless
 * the disk has died or fails on demand. */
int life_open(struct life *life);

/* The first events of a life. 0 or the journal's failure. */
int life_begin(struct life *life);

/* Rolls when that is due, takes `count` events and commits them. 0 or the journal's failure. */
int life_commit(struct life *life, unsigned count);

/* Commits again what found no room. 0 or the journal's failure. */
int life_retry(struct life *life);

/* What the journal does when time has passed. 0 or the journal's failure. */
int life_tick(struct life *life);

/* One step of retention, within these limits. 0 or the journal's failure; what retention itself fails in is none. */
int life_retain(struct life *life, const struct retention_limits *limits);

/* Finds one of the log's lines by its seq and by its time, as replay does, with what there is of indexes. Returns how often
 * one of them was found to be wrong; that another line was found is a violation. To be called when a log is open. */
uint64_t life_seek(struct life *life, uint64_t choice);

/* The last events, synced. 0 or the journal's failure. */
int life_stop(struct life *life);

/* Closes the log: in order, or as a process that is no more (nothing reaches the disk). */
void life_close(struct life *life, bool in_order);

/* The clock goes on; an hour brings a day's end near. */
#define LIFE_HOUR_US UINT64_C(3600000000)

#endif
