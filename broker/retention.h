/* The thread that keeps the log's files within their limits: it compresses those of earlier days and removes the oldest.
 * It never touches what the journal writes, takes its time (lowest priority), and removes nothing before the log says so
 * (pruned.h). What it cannot do it tries again later: no failure here stops anything. */
#ifndef BROKER_RETENTION_H
#define BROKER_RETENTION_H

#include <stdatomic.h>

#include "broker/pruned.h"
#include "broker/retention_files.h"
#include "broker/retention_plan.h"
#include "broker/stats.h"

struct retention_options {
    const char *log_dir;
    const char *log_id;
    const struct disk *disk; /* NULL: disk_real */
    struct retention_limits limits;
    int level; /* of zstd */
    struct pruned_feed *pruned;
    struct stats *stats;
};

struct retention;

/* All is borrowed until retention_free. NULL when out of memory, or the directory cannot be opened. */
struct retention *retention_new(const struct retention_options *options);
void retention_free(struct retention **retention);

/* 0 or TOCSIN_E_NOMEM. */
int retention_start(struct retention *retention);

/* Stops what is being done and waits for the thread's end; what was begun is removed, or done anew in the next life. */
void retention_stop(struct retention *retention);

#endif
