/* A member of a message by its path: `summary`, `snapshot.tracks[0].width`. Pure. */
#ifndef CLIENT_MEMBER_H
#define CLIENT_MEMBER_H

#include <stdbool.h>

#include "client/tocsin.h"
#include "proto/span.h"
#include "proto/text.h"

/* Whether a path can be one: names and indices, each name behind a point but the first; no empty name. A name may hold
 * anything but . [ and ] */
bool member_is_path(struct span path);

/* A step of a path: into a map by its name, or into an array. */
struct member_step {
    bool is_index;
    uint32_t index;
    struct span name; /* borrowed from the path */
};

/* Takes the first step off the rest of a path; false where it is none. */
bool member_take_step(struct span *path, bool is_first, struct member_step *step);

/* The member of the event as it is encoded, one value borrowed from the message; data NULL where there is none. Only
 * the event's own keys. */
struct span member_find(const struct tocsin_message *message, struct span path);

/* Appends the member as text for people: strings escaped and without quotes, all else as JSON. Nothing where the
 * message has no such member. The event's keys, and topic, seq, prev and received. */
void member_put(struct text *out, const struct tocsin_message *message, struct span path);

#endif
