/* What OpenSIPS's event_flatstore writes: NAME,value,value and a line end, where values hold line ends as they are, and
 * names are none. Pure. */
#ifndef CLIENT_GATEWAY_FLATSTORE_H
#define CLIENT_GATEWAY_FLATSTORE_H

#include "client/gateway/follow_reader.h"
#include "proto/span.h"
#include "proto/text.h"

/* Whether a record begins with these bytes, at the beginning of a line: E_ and capital letters, digits and _, 128 bytes at
 * most, then the delimiter or the line's end. */
enum follow_begin flatstore_begins(struct span bytes, char delimiter);

/* Appends the record as a JSON document of the event interface. Parameters of core events get their names, as many values
 * as there are allow, and those that are numbers by the catalog are; all others stay texts, in an array. */
void flatstore_put_document(struct text *out, struct span record, char delimiter);

#endif
