/* Bounds the memory that libzmq holds for peers who send faster than anybody reads, or messages without an end: for them it
 * knows no bound of its own that a peer could not use to end the process. Above the limit, and while it grows, the
 * connection that sends most is ended, one a second. */
#ifndef BROKER_WATCHDOG_H
#define BROKER_WATCHDOG_H

#include <stddef.h>
#include <stdint.h>

#include "broker/doors.h"

#define WATCHDOG_DOORS 4

struct watchdog_seen {
    uint64_t inode;
    uint64_t bytes; /* that the connection had brought at the last look */
};

struct watchdog {
    uint64_t limit_bytes;
    const struct door *doors[WATCHDOG_DOORS]; /* only their addresses are looked at */
    uint64_t resident_bytes;                  /* at the last look; 0: there was none */
    struct watchdog_seen *seen;               /* by descriptor */
    size_t seen_count;
};

/* The connection that was ended. */
struct watchdog_victim {
    const struct door *door;
    char address[64];
    uint64_t bytes; /* that it brought since the last look */
};

void watchdog_init(struct watchdog *watchdog, uint64_t limit_bytes, const struct door *const doors[WATCHDOG_DOORS]);
void watchdog_fini(struct watchdog *watchdog);

/* About once a second. True when it has ended a connection. */
bool watchdog_look(struct watchdog *watchdog, struct watchdog_victim *victim);

#endif
