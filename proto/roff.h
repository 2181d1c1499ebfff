/* Manual pages: text in roff, and the entries of which their lists are made. */
#ifndef PROTO_ROFF_H
#define PROTO_ROFF_H

#include "proto/text.h"

/* Appends `str` so that it is printed as it is: a backslash, a minus, and a point or apostrophe that begins a line mean
 * something in roff. */
void roff_put(struct text *out, const char *str);

/* Appends an entry of a list: `name`, bold, and `meaning` beside it. */
void roff_put_entry(struct text *out, const char *name, const char *meaning);

#endif
