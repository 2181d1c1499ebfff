/* The time of a message, as people read it. */
#ifndef CLIENT_EVENT_TIME_H
#define CLIENT_EVENT_TIME_H

#include <stdbool.h>
#include <time.h>

#include "client/tocsin.h"
#include "proto/text.h"

struct event_time {
    int64_t seconds; /* since 1970 UTC */
    uint32_t nanoseconds;
    struct tm tm; /* in the zone wanted, with tm_gmtoff */
};

/* The event's time, or that of its receipt where it has none that can be read. */
struct event_time event_time_of(const struct tocsin_message *message, bool is_utc);

/* Appends 2026-11-21T09:30:00.125000+09:00, Z for UTC. */
void event_time_put_iso(struct text *out, const struct event_time *time, bool is_utc);

#endif
