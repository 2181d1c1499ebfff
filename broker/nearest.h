/* "Did you mean …?": the known word nearest to a mistyped one. */
#ifndef BROKER_NEAREST_H
#define BROKER_NEAREST_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/text.h"

struct nearest {
    struct span word;
    const char *best; /* NULL: nothing near enough */
    size_t distance;
};

/* Begins a search for what `word` may have meant. */
struct nearest nearest_to(struct span word);

/* Offers a known word. The distance counts letters inserted, left out, replaced or swapped with their neighbour;
 * capitals do not matter; a third of the mistyped word's length (at least one) is near enough. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* Appends ` (did you mean PREFIXword?)` where something near was offered. */
void nearest_put(const struct nearest *nearest, const char *prefix, struct text *out);

#endif
