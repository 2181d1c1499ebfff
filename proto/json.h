/* From checked MessagePack to JSON text (PROTOCOL.md section 5). */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include "proto/span.h"
#include "proto/text.h"

/* Appends the JSON image of one whole value that has passed event_judge (as a snapshot): no spaces, keys in their
 * order. A value that has not passed is a bug of the caller; memory stays safe, the text may be no JSON. */
void json_write_value(struct text *out, struct span value);

/* Appends a string of valid UTF-8 with its quotes; what could drive a terminal or split a reader is escaped. */
void json_write_string(struct text *out, struct span utf8);

/* Appends the whole event as one JSON object: time, level, category, type, sourceId, summary, cause, snapshot. */
struct event;
void json_write_event(struct text *out, const struct event *event);

/* Appends the members of the event's object, from "time": to the snapshot, without the braces around them. */
void json_write_members(struct text *out, const struct event *event);

#endif
