#include "client/logger/lag.h"

#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 10000
#define TELL_EACH_US INT64_C(60000000)

int lag_on_away(struct lag *lag, int64_t now_us, uint64_t random, bool *is_to_be_told)
{
    int pause_ms = PAUSE_MIN_MS;
    for (unsigned i = 0; i < lag->failures && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    pause_ms = pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
    *is_to_be_told = lag->failures == 0 || now_us - lag->told_us >= TELL_EACH_US;
    if (lag->failures++ == 0)
        lag->away_us = now_us;
    if (*is_to_be_told)
        lag->told_us = now_us;
    return pause_ms - (int)(random % (uint64_t)(pause_ms / 4));
}

bool lag_on_taken(struct lag *lag, int64_t now_us, int64_t *away_us)
{
    bool was_away = lag->failures > 0;
    *away_us = now_us - lag->away_us;
    lag->failures = 0;
    return was_away;
}

bool lag_is_slow(struct lag *lag, int64_t now_us, int64_t behind_us, int64_t limit_us)
{
    if (behind_us <= limit_us) {
        lag->slow_us = 0;
        return false;
    }
    if (lag->slow_us > 0 && now_us - lag->slow_us < TELL_EACH_US)
        return false;
    lag->slow_us = now_us;
    return true;
}
