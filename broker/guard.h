/* Whose messages come in at a thread's doors, and what they may do: the access table as that thread sees it, and who was
 * denied something. One a thread. */
#ifndef BROKER_GUARD_H
#define BROKER_GUARD_H

#include <zmq.h>

#include "broker/access_gate.h"
#include "broker/denials.h"
#include "broker/doors.h"
#include "broker/peers.h"

/* Connections that were noted a moment ago and are not looked at again for each message. */
#define GUARD_RECENT 256

struct guard {
    struct access_view view; /* gate NULL: no door is guarded */
    struct denials *denials; /* borrowed */
    uint64_t wall_us;        /* of this turn */
    struct denial last;      /* the last kind; its count is not passed on yet */
    struct peers peers;
    uint64_t next_kick_us; /* monotonic; 0: nobody is to be ended */
    uint64_t kicked;       /* connections, in all */
    struct {
        const char *id; /* where libzmq keeps a connection's key */
        uint64_t noted_us;
    } recent[GUARD_RECENT];
};

/* `gate` NULL: nothing is guarded. */
void guard_init(struct guard *guard, struct access_gate *gate, struct denials *denials);
void guard_fini(struct guard *guard);

/* At the start of a turn. True when the table in force is another one than before. */
bool guard_refresh(struct guard *guard, uint64_t wall_us);

/* Ends the connections of those who may not be there any more; about once a second, when the table was replaced, and when
 * next_kick_us has come. */
void guard_sweep(struct guard *guard, uint64_t monotonic_us);

/* Whose message that is, told by a frame with payload (libzmq loses the key of a frame with a route). False: of nobody who
 * may be there now. `*key` is NULL at a door that is not guarded; it lives until the next guard_refresh. */
bool guard_identify(struct guard *guard, const struct door *door, zmq_msg_t *message, const struct access_key **key);

/* Notes a denial; `reason` is static, `producer` absent where there is none. Cheap when the same happens again and again;
 * then guard_flush passes on how often, about once a second. */
void guard_deny(struct guard *guard, const struct door *door, const char *reason, zmq_msg_t *message,
                struct span producer);
void guard_flush(struct guard *guard);

/* Ends the connection that the message came by. */
void guard_kick(struct guard *guard, const struct door *door, zmq_msg_t *message);

/* A subscription came or went (at the live door). False: they are too many. */
#define GUARD_SUBSCRIPTIONS_MAX 10000u
bool guard_count_subscription(struct guard *guard, const struct door *door, zmq_msg_t *message,
                              const struct access_key *key, bool is_new);

#endif
