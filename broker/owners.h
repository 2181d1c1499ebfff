/* Whose each connection is, also of one that has never said anything: found by door, address and time, a moment after its
 * key was let in. Where several keys come in at the same moment, from one host and by one door, it may be taken for
 * another one's of these. One thread. */
#ifndef BROKER_OWNERS_H
#define BROKER_OWNERS_H

#include "broker/access_gate.h"
#include "broker/arrivals.h"
#include "broker/connections.h"
#include "broker/denials.h"

struct owned {
    uint64_t inode; /* of its socket; 0: none is known here */
    access_id owner;
    const struct door *door;
    uint64_t end_us; /* when it is ended; 0: it may stay */
    uint64_t found_us;
    uint64_t let_in_us;
    uint64_t number; /* of those found, by which its address is known for a while */
};

struct owners {
    const struct door *const *doors; /* CONNECTIONS_DOORS of them */
    struct access_view view;         /* gate NULL: no key is asked for */
    struct owned *items;             /* by descriptor */
    size_t count;
    size_t known;
    struct arrival *arrivals; /* ARRIVALS_MAX of them */
    size_t arrival_count;
    char (*addresses)[ARRIVALS_ADDRESS_MAX]; /* ARRIVALS_MAX of them: of those found last */
    uint64_t found;                          /* in all */
    struct denials *denials;
    uint64_t ended; /* connections, in all */
    uint64_t looked_us;
};

/* False when out of memory; owners_fini is due in any case. */
bool owners_init(struct owners *owners, const struct door *const *doors, struct access_gate *gate,
                 struct denials *denials);
void owners_fini(struct owners *owners);

/* Several times a second: finds the connections of those who have come, ends what is too many of a key, and about once
 * a second forgets who is gone and ends those whose key may not be there any more and who never said anything: the
 * others are known to guard.h. */
void owners_look(struct owners *owners, struct arrivals *arrivals, uint64_t now_us, uint64_t wall_us);

#endif
