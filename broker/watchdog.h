/* Bounds the memory that libzmq holds for peers: for those who send faster than anybody reads, who send messages without an
 * end, who subscribe without an end, or who do not read what is sent to them. libzmq knows no bound of its own for these
 * that a peer could not use to end the process.
 *
 * A thread of its own looks at the process's memory many times a second. From half of the limit on it follows what each
 * connection brings and takes. When memory is above the limit, or will be by the next looks at the rate at which it
 * grows, the connections that hold most of it are ended. */
#ifndef BROKER_WATCHDOG_H
#define BROKER_WATCHDOG_H

#include <stdint.h>

#include "broker/connections.h"
#include "broker/denials.h"
#include "broker/stats.h"
#include "broker/taken.h"

struct watchdog;

/* All is borrowed until watchdog_stop. */
struct watchdog_options {
    uint64_t limit_bytes; /* of the whole process */
    const struct door *doors[CONNECTIONS_DOORS];
    struct taken *taken;
    struct denials *denials; /* is told whose connections were ended */
    struct stats *stats;
};

/* Starts the thread; NULL when out of memory. */
struct watchdog *watchdog_start(const struct watchdog_options *options);

/* Ends the thread and frees; nothing happens where *watchdog is NULL. */
void watchdog_stop(struct watchdog **watchdog);

#endif
