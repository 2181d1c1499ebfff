/* The keys of one event's large maps, to find a repeated one in linear time whatever the sender chose. */
#ifndef PROTO_KEY_SET_H
#define PROTO_KEY_SET_H

#include "proto/span.h"

struct key_set;

enum key_set_answer { KEY_SET_NEW, KEY_SET_REPEATED, KEY_SET_FULL };

/* Room for `max_keys` keys (a thousand million at most); pages are touched only as they are used. `seed` keys the hash.
 * NULL when out of memory. */
struct key_set *key_set_new(size_t max_keys, uint64_t seed);
void key_set_free(struct key_set **set);

/* Forgets all keys, at once: before each event. */
void key_set_clear(struct key_set *set);

/* Adds `key` of the map numbered `map`; borrows its bytes until the next clear. */
enum key_set_answer key_set_add(struct key_set *set, uint32_t map, struct span key);

#endif
