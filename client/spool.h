/* A spool: a producer's events on its own disk until they are settled, in order, in a directory that one process has at
 * a time. No lock of its own, but for what is said of spool_sync and spool_read.
 *
 *     lock                        keeps a second process away
 *     settled                     the last number that is settled, as far as it was noted
 *     00000000000000000042.spool  a segment: events 42 and on (spool_record.h)
 *     *.torn                      what a crash left unfinished, set aside
 *
 * An event is written before spool_put returns, and is on the disk when synced_n has reached its number. What is settled
 * goes away by whole segments. A segment is named when its head is on the disk, and the one before it is on the disk
 * then: only the last one can be unfinished. */
#ifndef CLIENT_SPOOL_H
#define CLIENT_SPOOL_H

#include "client/spool_record.h"
#include "proto/text.h"

#define SPOOL_FAULT_MAX 320
#define SPOOL_NAME_MAX  32

struct spool_segment {
    uint64_t first_n;
    uint64_t len; /* of the file */
};

struct spool {
    struct spool_head head; /* the producer's name */
    int dir_fd;
    int lock_fd;
    int mark_fd;
    int fd; /* of the last segment */
    uint64_t limit_bytes;
    uint64_t segment_bytes; /* a new one is begun behind these */
    uint64_t total_bytes;
    struct spool_segment *segments;
    size_t segment_count;
    size_t segment_room;
    uint64_t first_n; /* the oldest event that is not settled */
    uint64_t next_n;  /* what the next event gets */
    uint64_t synced_n;
    uint64_t marked_n;
    bool is_broken;              /* the disk has failed: nothing more is taken */
    char fault[SPOOL_FAULT_MAX]; /* what went wrong last, for people; "": nothing */

    /* of a spool_sync that goes on */
    bool is_syncing;
    int retired_fd; /* to be closed after it; -1: none */

    uint64_t last_at; /* where the event put last begins in its segment */

    /* of reading back */
    int read_fd;             /* -1: none */
    uint64_t read_segment_n; /* 0: no place yet */
    uint64_t read_at;
    uint64_t read_n; /* what comes there */
    size_t read_chunk;
    bool reads_to_end; /* of what the segment held when it was fetched */
    struct text read_bytes;
    size_t read_used;
};

/* Opens the directory and makes it where it is missing (mode 0700; its parent must be there), and checks all that is in
 * it. A new spool begins with fresh_n. What a crash left unfinished at the end is cut off and set aside, and
 * spool->fault tells so though the result is 0. TOCSIN_E_LOCKED; TOCSIN_E_OTHER_PRODUCER; TOCSIN_E_CORRUPT: something
 * is wrong with what was on the disk for sure; TOCSIN_E_IO, TOCSIN_E_NOSPACE, TOCSIN_E_NOMEM: spool->fault tells more.
 * spool_close is due in any case. */
int spool_open(struct spool *spool, const char *dir, const char *producer, uint64_t limit_bytes, uint64_t fresh_n);

/* Notes what is settled and removes what can be removed; what is not on the disk yet goes there. TOCSIN_E_IO: not all of
 * it did. */
int spool_close(struct spool *spool);

/* True when an event of `len` bytes has room; one always has when all else is settled, whatever its length. */
bool spool_fits(const struct spool *spool, size_t len);

/* Writes an event as next_n. TOCSIN_E_NOSPACE: the disk is full, and nothing has changed; TOCSIN_E_IO: it fails, for good;
 * TOCSIN_E_NOMEM. */
int spool_put(struct spool *spool, struct span event);

/* All events through `n` (< next_n) are settled. */
void spool_settle(struct spool *spool, uint64_t n);

/* When all is settled: the next event gets `n`, which is not below next_n. Errors as spool_put. */
int spool_jump(struct spool *spool, uint64_t n);

/* Forces all that is written to the disk, in three steps so that a lock needs to be held for the first and the last
 * only; one thread at a time. begin: false when there is nothing to do. end: the result of the step between, and that
 * of the whole; after a failure the spool is broken. */
struct spool_sync {
    int fd;
    uint64_t n;
};
bool spool_sync_begin(struct spool *spool, struct spool_sync *sync);
int spool_sync_run(const struct spool_sync *sync);
int spool_sync_end(struct spool *spool, const struct spool_sync *sync, int result);

/* Reads events back, from number `n` on (first_n <= n < next_n), in the same three steps, by one thread at a time. begin
 * finds the place; run fetches some 256 KiB; next gives what was fetched one by one, perhaps beginning before n:
 * TOCSIN_E_END behind the last one, TOCSIN_E_CORRUPT where it is no longer what was written. */
struct spool_fetch {
    int fd;
    uint64_t at;
    size_t len;
};
int spool_read_begin(struct spool *spool, uint64_t n, struct spool_fetch *fetch);
int spool_read_run(struct spool *spool, const struct spool_fetch *fetch);
int spool_read_next(struct spool *spool, struct spool_record *record);

/* The event put last is the next that will be read: spares looking for it. */
void spool_read_from_last(struct spool *spool);
void spool_read_fini(struct spool *spool);

/* The files of the spool share these. The segment that holds `n`; a file's name; notes what went wrong, with errno for
 * TOCSIN_E_IO and TOCSIN_E_NOSPACE, and returns `error`. */
const struct spool_segment *spool_segment_of(const struct spool *spool, uint64_t n);
void spool_name(char name[SPOOL_NAME_MAX], uint64_t first_n);
int spool_fail(struct spool *spool, int error, const char *what);

/* The segment becomes the last one that is known of. False when out of memory. */
bool spool_add_segment(struct spool *spool, struct spool_segment segment);

/* Forces the last segment to the disk and begins another one, with `first_n`. Errors as spool_put. */
int spool_begin_segment(struct spool *spool, uint64_t first_n);

/* Removes the segments that are settled, but for the last one. */
void spool_remove_settled(struct spool *spool);

#endif
