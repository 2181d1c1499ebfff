/* The files of the audit log (PROTOCOL.md section 5): opened, repaired, appended to, synced, rolled.
 *
 * For one thread. The caller makes the lines (record_write_line, chain_end_line) and decides when; this knows where
 * they go and in what order the disk must be asked. The day's file is events.log; earlier days are events.log.YYYYMMDD,
 * and .YYYYMMDD.1, .2 … where a day has several.
 *
 *   log_file_open      lock, find the newest file, verify, set a torn tail aside, rewrite the last batch, sync
 *   loop:              log_file_is_due → log_file_roll;  log_file_is_fresh → the first line must be LogOpened;
 *                      log_file_write;  log_file_sync;  then publish and acknowledge
 *   log_file_close     save the state, unlock
 *
 * What can fail: no room (TOCSIN_E_NOSPACE: nothing of the batch is in the file, try again later) and the disk
 * (TOCSIN_E_IO: final, every later call says the same; nothing since the last good log_file_sync may be believed).
 * The process must ignore SIGXFSZ. */
#ifndef BROKER_LOG_FILE_H
#define BROKER_LOG_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/chain.h"
#include "broker/disk.h"
#include "broker/log_day.h"
#include "broker/log_gap.h"
#include "broker/log_lasts.h"
#include "broker/log_origin.h"
#include "broker/topics.h"
#include "proto/span.h"
#include "proto/text.h"

struct log_options {
    const char *dir; /* created (0750, with its parents) when missing */
    enum log_zone zone;
    bool salvage;                /* set damage aside and go on, instead of refusing */
    bool is_relaxed;             /* lines are published before they are synced (sync modes interval and none) */
    const struct disk *disk;     /* NULL: disk_real */
    struct producers *producers; /* as topics, with every producer's last event; NULL: not wanted */
    struct topics *topics;       /* borrowed until log_file_close; filled with every topic's last seq on open, read when
                                    the state is saved, otherwise the caller's */
    uint64_t
        line_bytes_max; /* a longer line is damage; 0: 512 MiB, more than any event makes; memory is taken as lines come */
    uint64_t verify_bytes; /* as much of a file's end is verified on open in any case; 0: 64 MiB */
    uint64_t cache_bytes;  /* of the current file's end that stays in the system's file cache; 0: all of it */
    uint64_t direct_bytes; /* a batch of so much or more is written past the system's file cache; 0: 64 KiB */
    uint64_t anchor_bytes; /* the state knows a point to begin at every so many bytes; 0: 64 MiB */
};

struct log_file;

/* Where the log stands. */
struct log_tail {
    uint64_t seq;      /* of the last line; 0: the log has none */
    uint64_t next_seq; /* what the next line must have: seq + 1, or more after a gap (see log_opening) */
    uint64_t received_us;
    uint64_t batch;
    uint8_t hash[CHAIN_HASH_LEN]; /* H(seq), or H(0) */
    char log_id[LOG_ID_LEN + 1];
};

/* What was found at open, for the broker's own events and for the operator. */
struct log_opening {
    bool is_new;                  /* there was no log: a new log_id */
    bool was_stopped_cleanly;     /* the last line is a BrokerStopped; true also where is_new */
    bool current_was_missing;     /* earlier days were there, events.log was not (a crash inside a roll) */
    char torn_file[LOG_NAME_MAX]; /* "": no torn tail */
    uint64_t torn_bytes;
    char damaged_file[LOG_NAME_MAX]; /* where salvage put the damage; "": none */
    uint64_t damaged_bytes;
    uint64_t damaged_line; /* the first bad line of the file that it was in, from 1 */
    enum log_gap gap;
    uint64_t gap_from;
    uint64_t gap_to;        /* inclusive */
    const char *state_note; /* static: NULL when the state file was used, else why all of the log was read */
    uint64_t verified_bytes;
    uint64_t rewritten_bytes;
};

/* Opens the log of a directory. On failure *log is NULL and `message` (appended to) holds sentences that say what to
 * do.
 *   TOCSIN_E_LOCKED    another broker has the directory (names its pid)
 *   TOCSIN_E_CORRUPT   damage that no crash explains (names file, line, seq and reason)
 *   TOCSIN_E_INVALID   a path that is no directory, may not be used or is writable by everyone; a symbolic link in
 *                      place of a file
 *   TOCSIN_E_NOSPACE   no room to make the log, or to set a tail aside
 *   TOCSIN_E_IO        the disk fails
 *   TOCSIN_E_NOMEM */
int log_file_open(struct log_file **log, const struct log_options *options, struct text *message);

/* True when another broker has the directory at the moment; the sentence about it is appended to `message`. Changes
 * nothing: whoever opens the log must be ready for TOCSIN_E_LOCKED all the same. */
bool log_file_is_taken(const char *dir, struct text *message);

/* Saves the state when the log is sound, releases the lock. Does not sync: call log_file_sync before. */
void log_file_close(struct log_file **log);

/* Live views: they follow writes and rolls. */
const struct log_tail *log_file_tail(const struct log_file *log);
const struct log_opening *log_file_opening(const struct log_file *log);

/* True when the current file has no line: the next one must be LogOpened, its snapshot that of log_file_origin. */
bool log_file_is_fresh(const struct log_file *log);
const struct log_origin *log_file_origin(const struct log_file *log);

/* Appends whole lines: (part of) one commit batch. `last_seq` and `hash` are those of the last line,
 * `received_us` its time, `batch` its batch. After a gap (log_opening) the first line goes alone in its batch.
 * 0; TOCSIN_E_NOSPACE: the file is cut back to where it was; TOCSIN_E_IO: final. */
int log_file_write(struct log_file *log, struct span lines, uint64_t last_seq, const uint8_t hash[CHAIN_HASH_LEN],
                   uint64_t received_us, uint64_t batch);

/* Makes all that was written durable: fdatasync. Saves the state now and then (every 64 MiB of log).
 * 0 or TOCSIN_E_IO: final, and never tried again. */
int log_file_sync(struct log_file *log);

/* An fdatasync that another thread waits for. */
struct log_sync {
    const struct disk *disk;
    int fd;
    uint64_t seq; /* of the last line that it makes durable */
    uint64_t len; /* of the file, up to that line's end */
    uint64_t forget_from;
    uint64_t forget_len;
    uint64_t took_us;
    int error;
};

/* log_file_sync in three steps, so that lines can be written meanwhile: what was written before the first step is durable
 * when the last one has returned 0, and nothing else. log_sync_run may be called by any thread; it does not sync a log
 * that had failed. Between begin and end the file must not be rolled or closed, and log_file_sync not be called. */
void log_file_sync_begin(const struct log_file *log, struct log_sync *sync);
void log_sync_run(struct log_sync *sync);
int log_file_sync_end(struct log_file *log, const struct log_sync *sync);

/* Saves the state, so that a start knows every topic's and every producer's last event without the files that hold them.
 * True when that is on the disk. Before a file of an earlier day is removed; all lines must be synced. */
bool log_file_keep_state(struct log_file *log);

/* True when the current file holds an earlier day than `now_us`'s. Never for an empty file, or when the clock went
 * back. Cheap: once for each batch is fine. */
bool log_file_is_due(struct log_file *log, uint64_t now_us);

/* Gives the current file the name of the day that it holds and begins a new one. Syncs what was written before.
 * `rolled_name` (LOG_NAME_MAX bytes, may be NULL) receives the new name of the old file.
 * 0; TOCSIN_E_NOSPACE: not finished, log_file_is_due stays true: try again later; TOCSIN_E_IO: final. */
int log_file_roll(struct log_file *log, char *rolled_name);

/* To be called now and then (each second): has anyone cut, renamed or removed the current file behind our back?
 * 0 or TOCSIN_E_IO: final. */
int log_file_check(struct log_file *log);

/* Bytes of the current file, and room on its disk (0 when it cannot be told). */
uint64_t log_file_len(const struct log_file *log);
struct disk_space log_file_space(const struct log_file *log);

/* The sentence about the last failure of write, sync, roll or check; "" when there was none. */
const char *log_file_trouble(const struct log_file *log);

#endif
