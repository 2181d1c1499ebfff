/* Text for summaries and ids, from whatever a producer sends. All in and out is UTF-8. Pure. */
#ifndef CLIENT_GATEWAY_PLAIN_H
#define CLIENT_GATEWAY_PLAIN_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends the text as one line: control characters, line ends of any kind and runs of blanks become one blank, none at
 * its ends. */
void plain_put_line(struct text *out, struct span text);

/* The text up to its first line end, of whatever kind. */
struct span plain_first_line(struct span text);

/* The first `max` bytes, and no part of a character. */
struct span plain_cut(struct span text, size_t max);

/* Appends a MessagePack value as people write it: strings without quotes, all else as JSON. */
void plain_put_value(struct text *out, struct span value);

#endif
