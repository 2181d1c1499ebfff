/* Bounds connections: of all together by the descriptors that there are (descriptors.h), of each key by its limit
 * (owners.h). A thread of its own looks ten times a second. */
#ifndef BROKER_CAPACITY_H
#define BROKER_CAPACITY_H

#include "broker/arrivals.h"
#include "broker/connections.h"
#include "broker/denials.h"
#include "broker/stats.h"

struct capacity;

/* All is borrowed until capacity_stop. */
struct capacity_options {
    const struct door *doors[CONNECTIONS_DOORS];
    size_t max_connections;
    struct access_gate *gate; /* NULL: no door is guarded */
    struct arrivals *arrivals;
    struct denials *denials;
    struct stats *stats;
};

/* Starts the thread, when all doors are open; NULL when out of memory. */
struct capacity *capacity_start(const struct capacity_options *options);

/* Ends the thread and frees; nothing happens where *capacity is NULL. */
void capacity_stop(struct capacity **capacity);

#endif
