/* Whether the broker is well, as its threads know it and http tells it. All zero at the start. */
#ifndef BROKER_HEALTH_H
#define BROKER_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum health_state {
#define HEALTH(ID, words) HEALTH_##ID,
#include "broker/health.def"
#undef HEALTH
    HEALTH_STATE_COUNT
};

struct health {
    _Atomic int state;        /* enum health_state; by health_set only */
    _Atomic uint64_t beat_us; /* when the front last went round its loop (monotonic); 0: not yet */
};

/* From any thread. A state that is final stays: who is stopping is not ready again, a failed disk stays failed. */
void health_set(struct health *health, enum health_state state);

static inline enum health_state health_get(const struct health *health)
{
    return (enum health_state)atomic_load(&health->state);
}

/* The words of a state ("disk full"), never NULL. */
const char *health_words(enum health_state state);

/* The front says that its loop is alive, at least once a second. */
static inline void health_beat(struct health *health, uint64_t now_us)
{
    atomic_store_explicit(&health->beat_us, now_us, memory_order_relaxed);
}

/* A loop that has not gone round for this long hangs. */
#define HEALTH_STALL_US UINT64_C(15000000)

static inline bool health_is_stalled(const struct health *health, uint64_t now_us)
{
    const uint64_t beat_us = atomic_load_explicit(&health->beat_us, memory_order_relaxed);
    return beat_us > 0 && now_us > beat_us && now_us - beat_us > HEALTH_STALL_US;
}

#endif
