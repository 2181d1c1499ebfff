/* Where `tocsin pub` puts its events: the append door, where each is acknowledged, or ingest, fire and forget. */
#ifndef CLIENT_PUB_DOOR_H
#define CLIENT_PUB_DOOR_H

#include <stdatomic.h>

#include "client/pub_options.h"
#include "client/tocsin_append.h"

struct pub_door {
    const struct pub_options *settings;
    struct tocsin_publisher *publisher; /* NULL: acknowledged */
    struct tocsin_appender *appender;   /* NULL: fire and forget */
    _Atomic uint64_t refused;           /* by the broker */
    atomic_bool is_told;                /* what is the matter with the spool was said */
    uint64_t recovered;                 /* of an earlier run, found in the spool */
};

/* Connects. Errors as tocsin_publisher_open and tocsin_appender_open. */
int pub_door_open(struct pub_door *door, const struct pub_options *settings);

/* Takes an event. Errors as tocsin_publish; TOCSIN_E_UNREACHABLE also where the broker acknowledges nothing any more. */
int pub_door_send(struct pub_door *door, struct tocsin_event *event);

/* Waits until all is handed over, or acknowledged, and ends; `*unsent` events were not. A signal ends the waiting. With a
 * spool 0 says that they are there. */
int pub_door_close(struct pub_door *door, uint64_t *unsent);

#endif
