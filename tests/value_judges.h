/* msgpack-c and jansson as independent judges of values. */
#ifndef TESTS_VALUE_JUDGES_H
#define TESTS_VALUE_JUDGES_H

#include <jansson.h>
#include <msgpack.h>

#include "proto/span.h"

enum msgpack_verdict {
    MSGPACK_READS,
    MSGPACK_REFUSES,
    MSGPACK_CANNOT_TELL,
};

/* Whether msgpack-c reads a value at the start of `bytes`; then it is in `unpacked` (to be destroyed in any case) and
 * `*used` is what it took. It cannot tell of values in more than 32 containers: it refuses them as if memory had run
 * out. */
enum msgpack_verdict msgpack_verdict(struct span bytes, msgpack_unpacked *unpacked, size_t *used);

/* False where msgpack-c must not be asked about bytes that we do not read: it takes memory for as many items as a
 * 32-bit count declares, and the length of an ext32 of 0xffffffff bytes wraps around to 0. */
bool msgpack_may_be_asked(struct span bytes);

/* Packs the value anew: the shortest encodings, every float as float64. */
void msgpack_pack_canonical(msgpack_packer *packer, const msgpack_object *object);

/* Whether both hold the same value, members in the same order, floats by their bits. */
bool msgpack_equals_json(const msgpack_object *object, json_t *json);

/* jansson on a whole text: any value, no repeated keys, U+0000 in strings allowed. NULL, and why. */
json_t *jansson_read(struct span text, json_error_t *error);

#endif
