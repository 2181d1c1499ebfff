/* What a gateway has counted, and the complaints that go with it. From any thread. */
#ifndef CLIENT_GATEWAY_COUNTS_H
#define CLIENT_GATEWAY_COUNTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum count_id {
#define COUNT(id, word, meaning) COUNT_##id,
#include "client/gateway/count.def"
#undef COUNT
    COUNT_TOTAL
};

struct counts {
    _Atomic uint64_t values[COUNT_TOTAL];
    pthread_mutex_t lock;              /* for what follows */
    int64_t told_us[COUNT_TOTAL];      /* when one was complained about last */
    uint64_t passed_over[COUNT_TOTAL]; /* since then */
};

void counts_init(struct counts *counts);
void counts_fini(struct counts *counts);

static inline void counts_add(struct counts *counts, enum count_id id, uint64_t count)
{
    atomic_fetch_add_explicit(&counts->values[id], count, memory_order_relaxed);
}

static inline uint64_t counts_get(const struct counts *counts, enum count_id id)
{
    return atomic_load_explicit(&counts->values[id], memory_order_relaxed);
}

/* All messages and events that were refused, for whatever reason. */
uint64_t counts_refused(const struct counts *counts);

/* Counts and says why. Of each counter the first complaint is written at once, then one in ten seconds, with how many
 * there were meanwhile: nobody's log is flooded, and nothing is lost in silence. */
void counts_complain(struct counts *counts, enum count_id id, uint64_t count, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Tells all counters that are not 0 on standard error, or all of them as a line of JSON on standard output. */
void counts_tell(const struct counts *counts, bool is_json);

#endif
