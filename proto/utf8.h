/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

/* What a string holds; several may be set. */
enum utf8_finding {
    UTF8_INVALID = 1,
    UTF8_NUL = 2,     /* U+0000 */
    UTF8_CONTROL = 4, /* a control character: C0 (U+0000 included), DEL, C1 */
};

/* Looks through the whole string; returns the findings or-ed together, 0 for a clean one. */
unsigned utf8_inspect(struct span text);

/* Decodes one character at `at` (at < end). Returns its length in bytes and stores it, or 0 when invalid. */
unsigned utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *character);

/* Encodes `character` (valid, up to U+10FFFF) to `out` (4 bytes); returns the length. */
unsigned utf8_encode(uint32_t character, uint8_t *out);

/* True for what must not reach a terminal or a reader raw: C0, DEL, C1, U+2028, U+2029, the bidi controls (U+061C,
 * U+200E, U+200F, U+202A-202E, U+2066-2069) and U+FEFF (PROTOCOL.md section 5). */
bool utf8_must_escape(uint32_t character);

/* True for what a person does not see, so that two texts look alike or one says more than it shows: the soft hyphen, U+180E,
 * U+200B, U+2060-2064, U+206A-206F, U+FFF9-FFFB and tags. Not U+200C and U+200D, which scripts and emojis need. */
bool utf8_is_hidden(uint32_t character);

#endif
