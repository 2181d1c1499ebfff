/* Times and durations as people write them on a command line. Pure but for the zone, which comes from TZ. */
#ifndef CLIENT_TIME_ARG_H
#define CLIENT_TIME_ARG_H

#include <stdbool.h>
#include <stdint.h>

/* 90, 1.5 (seconds), 100ms, 1h30m, 2d: numbers with us, ms, s, m, h, d or w, one behind the other; up to 100 years.
 * False when it is none. */
bool duration_arg_read(const char *text, int64_t *us);

/* A time in microseconds since 1970 UTC. `now_us` is this moment; `is_utc` tells the zone of what has none:
 * RFC 3339 (2026-11-21T09:30:00.125+09:00) · YYYY-MM-DD[ HH:MM[:SS]] · HH:MM[:SS] of today · now, today, yesterday ·
 * 15m or -15m, so long ago · @SECONDS since 1970. Times before 1970 are none. */
bool time_arg_read(const char *text, int64_t now_us, bool is_utc, int64_t *time_us);

#endif
