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
static inline char *json_put_escaped(char *at, struct span utf8);

/* As json_put_escaped, for a string that is not all plain. */
char *json_put_mixed(char *at, struct span utf8);

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

/* Sixteen characters that go out as they are: printable ASCII but for the quote and the backslash. */
static inline bool json_put_is_plain(bytes16 bytes)
{
    return !bytes16_any(bytes16_unprintable(bytes) | (bytes16)(bytes == '"') | (bytes16)(bytes == '\\'));
}

/* Copies the plain beginning and returns its length: all, or a multiple of sixteen. */
static inline size_t json_put_plain_beginning(char *out, struct span utf8)
{
    if (utf8.len < 16) {
        if (utf8.len > 0 && !json_put_is_plain(bytes16_load_short(utf8.data, utf8.len)))
            return 0;
        bytes16_copy(out, utf8.data, utf8.len);
        return utf8.len;
    }
    size_t last = utf8.len - 16;
    for (size_t at = 0; at < last; at += 16) {
        bytes16 bytes = bytes16_load(utf8.data + at);
        if (!json_put_is_plain(bytes))
            return at;
        memcpy(out + at, &bytes, sizeof bytes);
    }
    bytes16 bytes = bytes16_load(utf8.data + last);
    if (!json_put_is_plain(bytes))
        return last & ~(size_t)15;
    memcpy(out + last, &bytes, sizeof bytes);
    return utf8.len;
}

static inline char *json_put_escaped(char *at, struct span utf8)
{
    size_t done = json_put_plain_beginning(at, utf8);
    at += done;
    return done == utf8.len ? at : json_put_mixed(at, span_of(utf8.data + done, utf8.len - done));
}

#define JSON_PUT_LITERAL(at, literal) (memcpy((at), "" literal, sizeof(literal) - 1), (at) + sizeof(literal) - 1)

#endif
