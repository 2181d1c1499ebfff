/* Which rules an event concerns, without asking each of them: rules wait under a type, a source or a piece of text that
 * they cannot do without, and only those that the event wakes are asked. What they are asked with is read once, cheap
 * questions come first, and a regular expression is tried only where the pieces that it needs are in the text. The
 * answer is as if each condition of each rule had been tried. Pure. */
#ifndef CLIENT_ALERT_SIEVE_H
#define CLIENT_ALERT_SIEVE_H

#include "client/alert/rule.h"

struct sieve;

struct sieve_hit {
    const struct rule *rule;
    bool is_clear; /* its `clear` holds, and its `match` does not; of STATE only */
};

/* `rules` are borrowed. NULL: out of memory. */
struct sieve *sieve_new(const struct rules *rules);
void sieve_free(struct sieve **sieve);

/* From here on it is about this event, of kind EVENT, which is borrowed until the next one. */
void sieve_begin(struct sieve *sieve, const struct tocsin_message *message);

/* The next rule that the event concerns, in the order of the file. False: there is none any more. */
bool sieve_next(struct sieve *sieve, struct sieve_hit *hit);

#endif
