/* Random values, events and damage, from a seed: what property tests, fuzz seeds and benchmarks feed on. */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

struct generator {
    uint64_t state;
    uint64_t uint_max;   /* no integer above this: for judges that know int64 only */
    struct text content; /* scratch */
};

/* The same seed gives the same values for ever. `uint_max` starts as UINT64_MAX. */
void generator_init(struct generator *generator, uint64_t seed);
void generator_fini(struct generator *generator);

uint64_t generate_bits(struct generator *generator);

/* A number below `limit` (at least 1). */
uint64_t generate_below(struct generator *generator, uint64_t limit);

/* Appends UTF-8 without U+0000, at most `len_max` bytes: plain runs, every class of escapes, characters at the borders
 * of UTF-8. `is_line`: no control characters, as in a summary. */
void generate_string(struct generator *generator, struct text *out, size_t len_max, bool is_line);

/* Append a string, or the head of a map, in an encoding of any width that it fits into. `content` may be scratch. */
void generate_put_str(struct generator *generator, struct text *out, struct span content);
void generate_put_map(struct generator *generator, struct text *out, uint32_t count);

/* Appends one MessagePack value that has an exact JSON image, nested in at most `depth_max` containers and of roughly
 * `len_max` bytes at most: all kinds, in encodings of any width that they fit into, not only the shortest. */
void generate_value(struct generator *generator, struct text *out, unsigned depth_max, size_t len_max);

/* Appends an event that must be accepted: keys in any order, optional ones there or not, a snapshot of roughly
 * `snapshot_max` bytes at most and up to TOCSIN_DEPTH_MAX deep. */
void generate_event(struct generator *generator, struct text *out, size_t snapshot_max);

/* Damages a few places: bytes changed, put in, taken out, doubled, the rest cut off. Half of the new bytes come from
 * `alphabet`, so that the damage is of the kind that hurts a reader. */
void generate_damage(struct generator *generator, struct text *bytes, struct span alphabet);

#endif
