/* JSON that is almost one, as OpenSIPS emits it, made into JSON. Pure.
 *
 * Bytes that are no UTF-8 become U+FFFD, one for each longest part of a character that is there; so do U+0000 and
 * lone surrogates that are escaped. Raw control characters within strings are escaped. Of equal names in one object the
 * first stays, the second becomes name#2, the third name#3 and so on; a name that is there already is never taken. */
#ifndef CLIENT_GATEWAY_JSON_REPAIR_H
#define CLIENT_GATEWAY_JSON_REPAIR_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends the text with its characters repaired. What is wrong otherwise stays wrong: reading it will tell. */
void json_repair_characters(struct span json, struct text *out);

/* Appends the text with its names made distinct. It is JSON but for them; where it is not, or where there are more than
 * JSON_REPAIR_NAMES_MAX names, it is appended as far as it goes, and reading it will tell. */
#define JSON_REPAIR_NAMES_MAX 1024
void json_repair_names(struct span json, struct text *out);

#endif
