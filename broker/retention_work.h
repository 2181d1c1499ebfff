/* One step of retention at a time, without a thread or a clock of its own: what retention.c runs, and its tests. */
#ifndef BROKER_RETENTION_WORK_H
#define BROKER_RETENTION_WORK_H

#include "broker/log_index_make.h"
#include "broker/pruned.h"
#include "broker/retention_files.h"
#include "broker/retention_pack.h"
#include "broker/retention_plan.h"
#include "broker/stats.h"

struct retention_work {
    const struct disk *disk;
    int dir; /* borrowed */
    struct retention_files files;
    struct retention_limits limits;
    struct retention_pack pack;
    struct stats *stats;
    /* Has the log say that a file is to go; true when it does, durable. */
    bool (*tell)(void *arg, const struct pruned *pruned);
    void *arg;                 /* of tell */
    uint64_t index_stride;     /* bytes of log for each entry of an index: LOG_INDEX_STRIDE */
    uint64_t index_places_max; /* that are looked at for one in a step */
    uint64_t index_retry_us;   /* monotonic: making that of today's file is not tried before */
    uint64_t bad_indexes;      /* count of stream_bad_indexes that was seen to */
    bool has_told_index;       /* that one cannot be made: it is said once */
    uint64_t reserve_max;      /* bytes: RETENTION_RESERVE_MAX */
    bool has_reserve;          /* the reserve is there */
    bool has_tidied;           /* leftovers of an earlier life are gone */
    uint64_t used_seq;         /* first seq of the oldest file while it is read by someone; 0: it is not */
    uint64_t used_since_us;    /* monotonic */
    uint64_t freed_at_us;      /* monotonic: when a file was removed to make room; 0: never */
    uint64_t complained_us;    /* monotonic: of the last failure that was told; 0: none since all went well */
};

enum retention_outcome {
    RETENTION_IDLE, /* nothing to do now */
    RETENTION_DONE, /* something was done: there may be more */
    RETENTION_FAILED,
};

/* `disk`, `dir`, `log_id` and `stats` are borrowed; limits, pack.level, pack.must_stop and tell are the caller's to set. */
void retention_work_init(struct retention_work *work, const struct disk *disk, int dir, const char *log_id,
                         struct stats *stats);
void retention_work_fini(struct retention_work *work);

/* Looks at the files and does the one thing that is due first; where nothing is, what their indexes are in need of, and
 * the reserve. `wall_us` is the time of the lines, `now_us` monotonic. */
enum retention_outcome retention_work_step(struct retention_work *work, uint64_t wall_us, uint64_t now_us);

#endif
