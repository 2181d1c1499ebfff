/* What the broker counts, and the text that Prometheus reads of it. The list is stats.def. */
#ifndef BROKER_STATS_H
#define BROKER_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "broker/health.h"
#include "proto/text.h"
#include "proto/tocsin_base.h"

enum stats_bucket {
#define STATS_BUCKET(us) STATS_BUCKET_##us,
#include "broker/stats.def"
    STATS_BUCKET_BEYOND,
    STATS_BUCKET_COUNT
};

struct stats_histogram {
    _Atomic uint64_t counts[STATS_BUCKET_COUNT]; /* each its own, not yet summed up */
    _Atomic uint64_t sum_us;
};

/* Each field has one thread that writes it (stats.def); anyone may read. What different threads write is a line of the
 * processor's cache apart, so that they do not slow each other down. All zero at the start. */
struct stats {
    uint64_t started_us; /* monotonic; set once, before there are threads */
#define STATS_THREAD(thread)           char apart_##thread[64];
#define STATS(kind, field, name, help) _Atomic uint64_t field;
#include "broker/stats.def"
    struct stats_histogram commits; /* by the journal */
    char apart_refused[64];
    _Atomic uint64_t events_refused[TOCSIN_REFUSAL_COUNT]; /* by the front; the first, TOCSIN_ACCEPTED, stays 0 */
};

static inline uint64_t stats_get(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

static inline void stats_set(_Atomic uint64_t *field, uint64_t value)
{
    atomic_store_explicit(field, value, memory_order_relaxed);
}

/* One writer a field, so a load and a store do; no locked instruction. */
static inline void stats_add(_Atomic uint64_t *field, uint64_t n)
{
    stats_set(field, stats_get(field) + n);
}

/* The journal: an fdatasync took so long; a commit did, from its first write to the end of its sync (sync mode batch)
 * or of the write. */
void stats_sync_took(struct stats *stats, uint64_t us);
void stats_commit_took(struct stats *stats, uint64_t us);

/* What the operating system knows of this process. */
struct stats_process {
    uint64_t uptime_us;
    uint64_t cpu_us;
    uint64_t resident_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
};

/* Asks for it; what cannot be had is 0. `now_us` is monotonic. */
struct stats_process stats_process_read(const struct stats *stats, uint64_t now_us);

/* Appends everything in Prometheus's text format, version 0.0.4. */
#define STATS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
void stats_write(struct text *out, const struct stats *stats, const struct health *health,
                 const struct stats_process *process, const char *version);

#endif
