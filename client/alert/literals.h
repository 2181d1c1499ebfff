/* Many short texts looked for in one pass (Aho and Corasick). Pure. */
#ifndef CLIENT_ALERT_LITERALS_H
#define CLIENT_ALERT_LITERALS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

#define LITERALS_NONE UINT32_MAX

struct literals;

struct literals *literals_new(void); /* NULL: out of memory */
void literals_free(struct literals **literals);

/* Adds a text that is not empty, before literals_build; gives its number, counted from 0, the same for the same text.
 * LITERALS_NONE: there is no more room (65,000 bytes of texts that begin differently), or no memory. */
uint32_t literals_add(struct literals *literals, struct span text);

/* Makes the set ready. False: out of memory. */
bool literals_build(struct literals *literals);

/* Looks for all texts; `count` of them are in `text`, their numbers, each once, are returned and stand until the next
 * call. What the last one found is forgotten. */
const uint32_t *literals_find(struct literals *literals, struct span text, size_t *count);

/* Whether the last literals_find has found it. */
bool literals_has(const struct literals *literals, uint32_t number);

size_t literals_count(const struct literals *literals);

#endif
