/* Repeated keys of an object that has just been turned into MessagePack: a part of json_read. */
#ifndef PROTO_JSON_KEYS_H
#define PROTO_JSON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/text.h"

/* Looks through `count` pairs that begin at `content` and end where `out` ends. `*repeated` becomes the index (from 1
 * upwards) of the first key that an earlier one equals, 0 where all differ. Works in scratch space behind the end of
 * `out`, of eight bytes a key; false when there was no memory for it. */
bool json_keys_check(struct text *out, size_t content, uint32_t count, uint32_t *repeated);

/* Finds the key of that index in the JSON text of a well-formed object; `at` is behind its opening brace, `end` at its
 * closing one. */
const uint8_t *json_keys_find(const uint8_t *at, const uint8_t *end, uint32_t index);

#endif
