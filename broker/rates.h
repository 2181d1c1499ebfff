/* How much each key with a limit may still send: a bucket each for events and bytes, filled as time goes by, that holds what
 * is allowed in a second. What was sent is taken out afterwards, so a bucket may be overdrawn by one message. Pure; one
 * thread. */
#ifndef BROKER_RATES_H
#define BROKER_RATES_H

#include "broker/access.h"

struct rate {
    int64_t events_u; /* millionths; only where that is limited */
    int64_t bytes_u;
    uint64_t filled_us;
    uint64_t second_us;     /* when the second began of which … */
    uint64_t refused_bytes; /* … so much was refused */
};

struct rates {
    struct rate *items; /* by access_key.limit_slot */
    size_t count;
};

void rates_init(struct rates *rates);
void rates_fini(struct rates *rates);

/* For another table: all buckets are full. False when out of memory; then nothing is limited. */
bool rates_reset(struct rates *rates, size_t count);

/* May the key send now? (Always where it has no limit.) */
bool rates_allow(struct rates *rates, const struct access_key *key, uint64_t now_us);

/* How many events it has sent too many. */
uint64_t rates_debt(struct rates *rates, const struct access_key *key, uint64_t now_us);

/* It has sent that. */
void rates_charge(struct rates *rates, const struct access_key *key, uint64_t events, uint64_t bytes);

/* It sent a message that is not allowed. True when that is a flood: so much within a second that merely receiving it is a
 * burden to others, four times what is allowed and 16 MiB at least, where a message counts for 512 bytes beside its own. */
bool rates_refuse(struct rates *rates, const struct access_key *key, uint64_t bytes, uint64_t now_us);

#endif
