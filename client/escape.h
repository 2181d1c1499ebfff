/* The one way by which text from outside reaches a terminal. */
#ifndef CLIENT_ESCAPE_H
#define CLIENT_ESCAPE_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends the text with everything that could drive a terminal or mislead its reader made visible: control and bidi
 * characters and the like (utf8_must_escape, utf8_is_hidden) as \u001b, bytes that are no UTF-8 as \xff. All else stays
 * as it is. */
void escape_text(struct text *out, struct span text);

#endif
