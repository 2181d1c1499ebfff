#include "broker/health.h"

/* The states of health.def that are final are its last ones, and each may only be followed by one behind it. */
static bool may_follow(int before, int after)
{
    return before < HEALTH_STOPPING || after > before;
}

void health_set(struct health *health, enum health_state state)
{
    int before = atomic_load(&health->state);
    while (may_follow(before, (int)state) && !atomic_compare_exchange_weak(&health->state, &before, (int)state))
        continue;
}

const char *health_words(enum health_state state)
{
    static const char *const words[HEALTH_STATE_COUNT] = {
#define HEALTH(ID, text) text,
#include "broker/health.def"
#undef HEALTH
    };
    return (unsigned)state < HEALTH_STATE_COUNT ? words[state] : "unknown";
}
