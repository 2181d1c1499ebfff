/* The TCP connections at the broker's doors as the kernel knows them, by descriptor: what they have brought that nobody has
 * read yet, and since when they do not take what is sent to them. One thread. */
#ifndef BROKER_CONNECTIONS_H
#define BROKER_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/doors.h"
#include "broker/taken.h"

#define CONNECTIONS_DOORS (4 + DOOR_REALMS_MAX)

struct connection {
    uint64_t inode;          /* of its socket; 0: none is known here */
    const struct door *door; /* NULL: a socket that is none of theirs */
    uint64_t base;           /* what it had brought and was not read when it was first seen */
    uint64_t held_bytes;     /* an estimate of what libzmq holds for it */
    uint64_t acked_bytes;
    uint64_t stalled_us; /* since when it takes nothing, though something is there; 0: it does */
};

struct connections {
    const struct door *doors[CONNECTIONS_DOORS]; /* only their addresses are looked at */
    const struct taken *taken;
    struct connection *items;
    size_t count;
    uint64_t held_bytes; /* of all at the last look */
    uint64_t worst_bytes;
};

void connections_init(struct connections *connections, const struct door *const doors[CONNECTIONS_DOORS],
                      const struct taken *taken);
void connections_fini(struct connections *connections);

/* The door with whose address a socket is bound; NULL: none. */
const struct door *connections_door_of(const struct door *const doors[CONNECTIONS_DOORS], int fd);

/* Where a connection comes from; "" where that cannot be told. */
void connections_put_address(int fd, char *out, size_t size);

/* Nothing is known any more. */
void connections_forget(struct connections *connections);

/* Looks at all of them: some microseconds each. */
void connections_look(struct connections *connections, uint64_t now_us);

/* Ends those that `is_meant` says yes of, and returns how many. The address of one that holds most of them goes to
 * `worst`, with its door. */
struct connection_worst {
    const struct door *door;
    uint64_t held_bytes;
    char address[64];
};
size_t connections_end(struct connections *connections, bool (*is_meant)(const struct connection *, uint64_t than),
                       uint64_t than, struct connection_worst *worst);

#endif
