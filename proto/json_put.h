/* JSON text written where its caller has made room: what json.c and record.c put their texts together from. */
#ifndef PROTO_JSON_PUT_H
#define PROTO_JSON_PUT_H

#include "proto/bytes16.h"
#include "proto/span.h"

struct event;

/* No byte of a value becomes more than so many characters ("\u001b", "false,"). */
#define JSON_PUT_GROWTH 6

/* The room that each of them needs beyond that. */
#define JSON_PUT_EXTRA 64

/* All write from `at` on, JSON_PUT_GROWTH characters for each of their bytes and JSON_PUT_EXTRA at most, whatever the
 * bytes are, and return the end of what they have written. */

/* A string's characters, without quotes; what must not go out raw is escaped. */
char *json_put_escaped(char *at, struct span utf8);

/* One whole value. */
char *json_put_value(char *at, struct span value);

/* The members of the event's object, without its braces; json_put_members_room is the room that they need. */
char *json_put_members(char *at, const struct event *event);
size_t json_put_members_room(const struct event *event);

/* What is known to need no escape. */
static inline char *json_put_plain(char *at, struct span bytes)
{
    bytes16_copy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

#define JSON_PUT_LITERAL(at, literal) (memcpy((at), "" literal, sizeof(literal) - 1), (at) + sizeof(literal) - 1)

#endif
