/* Strings of JSON text to MessagePack: a part of json_read. */
#ifndef PROTO_JSON_STRING_H
#define PROTO_JSON_STRING_H

#include <stdint.h>

#include "proto/text.h"

/* Reads the string whose opening quote is at `*at` and appends it to `out`; `*at` is moved behind its closing quote.
 * Returns NULL, or why the string is refused, and then `*at` is where. When memory runs out it returns NULL and
 * out->failed is set. */
const char *json_string_read(const uint8_t **at, const uint8_t *end, struct text *out);

#endif
