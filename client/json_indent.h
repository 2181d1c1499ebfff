/* JSON text, spread over lines. Pure. */
#ifndef CLIENT_JSON_INDENT_H
#define CLIENT_JSON_INDENT_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends valid JSON without white space, indented by two blanks a level; empty containers stay on their line. */
void json_indent(struct text *out, struct span json);

#endif
