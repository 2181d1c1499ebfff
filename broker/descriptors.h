/* How many descriptors connections may take. libzmq accepts whoever comes, and spins where the process has none left; so
 * below that end no more come in: the doors' listening sockets drop the first packet of a connection, and one that got a
 * descriptor all the same is ended. What is there stays. One thread. */
#ifndef BROKER_DESCRIPTORS_H
#define BROKER_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/connections.h"

struct descriptors {
    const struct door *const *doors; /* CONNECTIONS_DOORS of them */
    int listeners[CONNECTIONS_DOORS];
    size_t listener_count;
    int end;          /* connections have descriptors below it, all of them; from it on they are the broker's own */
    int limit;        /* RLIMIT_NOFILE */
    bool is_full;     /* nobody comes in */
    size_t shut;      /* at the last look: connections that were ended */
    char address[64]; /* of one of them */
};

/* When the doors are open, and all that the broker itself has always open. `most` connections at most. */
void descriptors_init(struct descriptors *descriptors, const struct door *const *doors, size_t most);

/* How many connections there may be. */
size_t descriptors_room(const struct descriptors *descriptors);

/* True while it is worth looking often: few are left. */
bool descriptors_are_few(const struct descriptors *descriptors);

/* A call or two while there is room. True when is_full has changed, or connections were ended. */
bool descriptors_look(struct descriptors *descriptors);

#endif
