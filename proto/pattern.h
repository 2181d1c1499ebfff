/* Patterns of texts: `*` stands for any bytes, also none; every other byte for itself. For topics (category/sourceId)
 * and producers' names. Pure. */
#ifndef PROTO_PATTERN_H
#define PROTO_PATTERN_H

#include <stdbool.h>

#include "proto/span.h"

/* True when the pattern matches the whole text. Takes time in proportion to text and pattern, whatever they are. */
bool pattern_matches(struct span pattern, struct span text);

/* True when some text that begins with `prefix` would match. */
bool pattern_allows_prefix(struct span pattern, struct span prefix);

#endif
