/* The last events behind each alert: what a rule saw, with their seq. Pure. */
#ifndef CLIENT_ALERT_WITNESS_H
#define CLIENT_ALERT_WITNESS_H

#include "client/alert/engine.h"

#define WITNESS_SEEN_MAX   20u
#define WITNESS_GROUPS_MAX 20000u

struct witness_seen {
    uint64_t seq;
    uint64_t received_us;
    char type[64];
    char summary[128];
};

/* Of one rule and one combination of the values of its `by`: a ring. */
struct witness_group {
    struct witness_seen seen[WITNESS_SEEN_MAX];
    size_t at;
    uint64_t count; /* in all */
};

struct witness;

/* NULL: out of memory. */
struct witness *witness_new(uint64_t seed);
void witness_free(struct witness **witness);

/* The event matched the rule of that index, under that key. False where there are too many groups, or memory ran out. */
bool witness_note(struct witness *witness, uint32_t index, struct span key, const struct tocsin_message *message);

/* What was seen under the key of an alert; NULL: nothing. */
const struct witness_group *witness_find(const struct witness *witness, uint32_t index, struct span key);

#endif
