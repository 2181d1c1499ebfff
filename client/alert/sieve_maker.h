/* The sieve while it is built; for sieve_make.c and sieve_wait.c only. What both need is in sieve_maker.c. */
#ifndef CLIENT_ALERT_SIEVE_MAKER_H
#define CLIENT_ALERT_SIEVE_MAKER_H

#include "client/alert/regex_needs.h"
#include "client/alert/sieve_inner.h"

/* A way is to wait under a literal. */
struct wait {
    uint32_t operand;
    uint32_t literal;
    uint32_t way;
};

struct sieve_maker {
    struct sieve *sieve;
    size_t condition_count; /* of all rules */
    size_t value_count;
    uint32_t check_count; /* so far, as all that follows */
    uint32_t probe_count;
    uint32_t need_count;
    uint32_t piece_count;
    size_t piece_room;
    uint32_t waiter_count;
    size_t waiter_room;
    struct wait *waits;
    size_t wait_count;
    size_t wait_room;
    bool is_short_of_memory;
};

/* `items`, moved perhaps, with room for one more than `count`; else is_short_of_memory. */
void *sieve_grow(struct sieve_maker *maker, void *items, size_t *room, size_t count, size_t size);

/* What a text must hold for the value to hold for it; none: nothing is known. */
void sieve_read_needs(struct needs *needs, const struct condition *condition, const struct condition_value *value);

/* The literal's number among those that are looked for in the operand; LITERALS_NONE: there is no room. */
uint32_t sieve_add_piece(struct sieve_maker *maker, uint32_t operand, const struct need_piece *piece);

/* Lets the way wait where it is woken seldom, or, where that cannot be, be always awake. Its checks are there. */
void sieve_wait(struct sieve_maker *maker, const struct match *match, size_t way);

/* All ways wait: makes ready what they wait under. False: out of memory. */
bool sieve_wait_end(struct sieve_maker *maker);

#endif
