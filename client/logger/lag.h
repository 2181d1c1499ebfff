/* What `tocsin log` says while its target is away or slow, and how long it waits before it asks again. Pure. */
#ifndef CLIENT_LOGGER_LAG_H
#define CLIENT_LOGGER_LAG_H

#include <stdbool.h>
#include <stdint.h>

struct lag {
    unsigned failures; /* one behind the other; 0: the target takes what it gets */
    int64_t away_us;   /* since when */
    int64_t told_us;   /* when that was told last */
    int64_t slow_us;   /* when it was told last that it is behind; 0: never, or it is not */
};

/* The target is away at `now_us`. Returns the pause before it is asked again: from 100 ms on twice as long each time, to
 * 10 s, less up to a quarter by `random`. *is_to_be_told: at first, and each minute. */
int lag_on_away(struct lag *lag, int64_t now_us, uint64_t random, bool *is_to_be_told);

/* It took a batch. True where it was away, and that had been told: *away_us is for how long. */
bool lag_on_taken(struct lag *lag, int64_t now_us, int64_t *away_us);

/* Whether it is to be told that it is behind: `behind_us` (from the receipt of what was delivered until now) is above
 * `limit_us`, and it was not told in the last minute. */
bool lag_is_slow(struct lag *lag, int64_t now_us, int64_t behind_us, int64_t limit_us);

#endif
