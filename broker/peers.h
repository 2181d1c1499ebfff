/* The connections behind a thread's doors, by their sockets: so that one can be ended whose key may not be there any more.
 * libzmq has no call for that. A message tells its connection's descriptor; the descriptor is believed only while the
 * socket behind it is the one that was noted. */
#ifndef BROKER_PEERS_H
#define BROKER_PEERS_H

#include <zmq.h>

#include "broker/access.h"
#include "broker/doors.h"

/* How long a connection may stay that is to be ended: for the error that tells its client why. */
#define PEERS_GRACE_US 200000

struct peer {
    uint64_t inode; /* of the socket; 0: none is known here */
    access_id owner;
    const struct door *door;
    uint64_t kick_us; /* when it is ended; 0: it may stay */
    uint32_t subscriptions;
};

struct peers {
    struct peer *items; /* by descriptor */
    size_t count;
    size_t known;
};

void peers_init(struct peers *peers);
void peers_fini(struct peers *peers);

/* Notes the connection that the message came by, or finds it. NULL when its socket is gone, or memory has run out. */
struct peer *peers_note(struct peers *peers, const struct door *door, zmq_msg_t *message, access_id owner);

/* Ends those whose time is over; those that `may_stay` says no of get their time now. Returns when the next one's is, 0:
 * there is none. `*ended` is how many were ended. */
uint64_t peers_sweep(struct peers *peers, uint64_t now_us, bool (*may_stay)(void *arg, const struct peer *peer),
                     void *arg, size_t *ended);

#endif
