#include "broker/rates.h"

#include <stdlib.h>

#define SECOND_US 1000000

/* What an event counts for where only events are limited. */
#define EVENT_BYTES 256u
#define FLOOD_TIMES 4u

/* What it takes to receive a message, however short, beside its bytes. */
#define MESSAGE_BYTES 512u
#define FLOOD_MIN     (16u << 20) /* what a client may have on its way when its session ends */

void rates_init(struct rates *rates)
{
    *rates = (struct rates){.items = NULL};
}

void rates_fini(struct rates *rates)
{
    free(rates->items);
    rates_init(rates);
}

bool rates_reset(struct rates *rates, size_t count)
{
    rates_fini(rates);
    rates->items = count > 0 ? calloc(count, sizeof *rates->items) : NULL;
    rates->count = rates->items ? count : 0;
    return rates->count == count;
}

static struct rate *rate_of(struct rates *rates, const struct access_key *key)
{
    return key && key->is_limited && key->limit_slot < rates->count ? &rates->items[key->limit_slot] : NULL;
}

static void fill(int64_t *bucket_u, uint64_t per_s, uint64_t us)
{
    int64_t full_u = (int64_t)(per_s * SECOND_US);
    *bucket_u += (int64_t)(per_s * us);
    if (*bucket_u > full_u)
        *bucket_u = full_u;
}

bool rates_allow(struct rates *rates, const struct access_key *key, uint64_t now_us)
{
    struct rate *rate = rate_of(rates, key);
    if (!rate)
        return true;
    uint64_t us = now_us - rate->filled_us;
    if (us > SECOND_US)
        us = SECOND_US; /* also the first time */
    rate->filled_us = now_us;
    fill(&rate->events_u, key->limits.events_per_s, us);
    fill(&rate->bytes_u, key->limits.bytes_per_s, us);
    return (key->limits.events_per_s == 0 || rate->events_u > 0) && (key->limits.bytes_per_s == 0 || rate->bytes_u > 0);
}

uint64_t rates_debt(struct rates *rates, const struct access_key *key, uint64_t now_us)
{
    if (rates_allow(rates, key, now_us))
        return 0;
    const struct rate *rate = rate_of(rates, key);
    uint64_t events = rate->events_u < 0 ? (uint64_t)-rate->events_u / SECOND_US : 0;
    uint64_t bytes = rate->bytes_u < 0 ? (uint64_t)-rate->bytes_u / SECOND_US : 0;
    return events > bytes / EVENT_BYTES ? events : bytes / EVENT_BYTES;
}

void rates_charge(struct rates *rates, const struct access_key *key, uint64_t events, uint64_t bytes)
{
    struct rate *rate = rate_of(rates, key);
    if (!rate)
        return;
    if (key->limits.events_per_s > 0)
        rate->events_u -= (int64_t)(events * SECOND_US);
    if (key->limits.bytes_per_s > 0)
        rate->bytes_u -= (int64_t)(bytes * SECOND_US);
}

bool rates_refuse(struct rates *rates, const struct access_key *key, uint64_t bytes, uint64_t now_us)
{
    struct rate *rate = rate_of(rates, key);
    if (!rate)
        return false;
    if (now_us - rate->second_us >= SECOND_US) {
        rate->second_us = now_us;
        rate->refused_bytes = 0;
    }
    rate->refused_bytes += bytes + MESSAGE_BYTES;
    uint64_t allowed = key->limits.bytes_per_s > 0 ? key->limits.bytes_per_s : key->limits.events_per_s * EVENT_BYTES;
    uint64_t flood = FLOOD_TIMES * allowed;
    return rate->refused_bytes > (flood > FLOOD_MIN ? flood : FLOOD_MIN);
}
