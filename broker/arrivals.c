#include "broker/arrivals.h"

#include <string.h>

#include "broker/clock.h"

void arrivals_init(struct arrivals *arrivals)
{
    arrivals->count = 0;
    pthread_mutex_init(&arrivals->lock, NULL);
}

void arrivals_fini(struct arrivals *arrivals)
{
    pthread_mutex_destroy(&arrivals->lock);
}

void arrivals_put(struct arrivals *arrivals, access_id owner, const char *door, struct span address)
{
    pthread_mutex_lock(&arrivals->lock);
    if (arrivals->count < ARRIVALS_MAX && address.len < ARRIVALS_ADDRESS_MAX) {
        struct arrival *arrival = &arrivals->items[arrivals->count++];
        *arrival = (struct arrival){.owner = owner, .door = door, .at_us = clock_monotonic_us()};
        if (address.len > 0)
            memcpy(arrival->address, address.data, address.len);
    }
    pthread_mutex_unlock(&arrivals->lock);
}

size_t arrivals_take(struct arrivals *arrivals, struct arrival *out, size_t count)
{
    pthread_mutex_lock(&arrivals->lock);
    size_t moved = arrivals->count < ARRIVALS_MAX - count ? arrivals->count : ARRIVALS_MAX - count;
    memcpy(out + count, arrivals->items, moved * sizeof *out);
    memmove(arrivals->items, arrivals->items + moved, (arrivals->count - moved) * sizeof *out);
    arrivals->count -= moved;
    pthread_mutex_unlock(&arrivals->lock);
    return count + moved;
}
