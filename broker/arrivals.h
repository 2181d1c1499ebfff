/* Who has been let in of late: told by the handler of ZAP, which knows the key and the address but not the connection, to
 * the thread that looks for it (capacity.h). */
#ifndef BROKER_ARRIVALS_H
#define BROKER_ARRIVALS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "broker/access.h"

#define ARRIVALS_MAX         1024
#define ARRIVALS_ADDRESS_MAX 64

struct arrival {
    access_id owner;
    const char *door; /* borrowed */
    char address[ARRIVALS_ADDRESS_MAX];
    uint64_t at_us; /* monotonic: when it was let in */
    unsigned looks; /* for its connection, in vain */
};

struct arrivals {
    pthread_mutex_t lock;
    size_t count;
    struct arrival items[ARRIVALS_MAX];
};

void arrivals_init(struct arrivals *arrivals);
void arrivals_fini(struct arrivals *arrivals);

/* Notes one; when there are too many it is passed over. */
void arrivals_put(struct arrivals *arrivals, access_id owner, const char *door, struct span address);

/* Moves them to `out` (of ARRIVALS_MAX, `count` of which are taken); returns how many there are then. */
size_t arrivals_take(struct arrivals *arrivals, struct arrival *out, size_t count);

#endif
