/* Text from outside made safe for a terminal and for a line of diagnostics. */
#ifndef BROKER_PRINTABLE_H
#define BROKER_PRINTABLE_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/text.h"

/* Writes `foreign` to `out` (`room` bytes, not terminated) and returns the length. Valid UTF-8 stays as it is, but for
 * what utf8_must_escape and utf8_is_hidden name and invalid bytes: those become \xNN, a byte each. Where room ends, the
 * text is cut after a whole character and ends with "…". Allocates nothing. `room` is at least 3. */
size_t printable_write(char *out, size_t room, struct span foreign);

/* Appends at most PRINTABLE_QUOTE_MAX bytes of `foreign`, made printable, in double quotes: for messages that name what
 * was found. */
#define PRINTABLE_QUOTE_MAX 120
void printable_quote(struct text *out, struct span foreign);

/* Appends all of `foreign`, made printable. */
void printable_put(struct text *out, struct span foreign);

#endif
