/* The present state of everything, from events. Pure: an event in, the state moves on; what is asked with a time takes
 * it as an argument. rule.def says what each type of event does. */
#ifndef CLIENT_TRACKER_TRACKER_H
#define CLIENT_TRACKER_TRACKER_H

#include "client/tocsin.h"
#include "client/tracker/items.h"

struct tracker {
    struct items *items;
    uint64_t seq;         /* through it the state is known */
    uint64_t first_seq;   /* where the log begins; 0: not known yet */
    uint64_t received_us; /* of the last event heard, by the broker's clock */
    uint64_t malformed;   /* events that a rule is for and that lack what it needs */
    bool is_short_of_memory;
};

/* False when out of memory; tracker_fini is due in any case. */
bool tracker_init(struct tracker *tracker, uint64_t seed);
void tracker_fini(struct tracker *tracker);

/* The message, an EVENT, happened. What is at or below tracker->seq only tells when its source was last heard of: it
 * may come out of order, as the latest of every topic do. */
void tracker_apply(struct tracker *tracker, const struct tocsin_message *message);

/* All events that rules are for are known through `seq`. */
void tracker_reach(struct tracker *tracker, uint64_t seq);

/* The types that rules are for, TRACKER_TYPES_MAX at most; returns how many. */
#define TRACKER_TYPES_MAX 64
size_t tracker_types(const char **types);

/* Whether a source was silent for `stale_us` or longer at `now_us`, and is none whose end was told. 0: never. */
bool tracker_is_silent(const struct tracker *tracker, const struct item *source, uint64_t now_us, uint64_t stale_us);

/* Whether the source is a thing whose end was told: a stream, an application, a virtual host. */
bool tracker_is_gone(const struct tracker *tracker, struct span source);

/* Words of tables. Static. */
const char *tracker_kind_member(enum item_kind kind);
const char *tracker_kind_title(enum item_kind kind);
const char *tracker_state_word(enum item_state state);

#endif
