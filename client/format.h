/* Formats of -F, in mosquitto's spelling where it has one: %-20.10i, %{snapshot.width}, @H:@M, \n. Pure but for the
 * zone. */
#ifndef CLIENT_FORMAT_H
#define CLIENT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/tocsin.h"
#include "proto/text.h"

struct format;

/* Reads a format once. On a fault returns NULL, and `*fault` tells what (static) and `*offset` where; NULL in `*fault`:
 * out of memory. */
struct format *format_read(const char *text, const char **fault, size_t *offset);
void format_free(struct format **format);

/* Appends the message, an EVENT, in the format. `json` is its record as JSON. What comes from the event is escaped. */
void format_put(struct text *out, const struct format *format, const struct tocsin_message *message, struct span json,
                bool is_utc);

#endif
