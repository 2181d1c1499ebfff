/* MessagePack, read and written token by token: the only file that knows tag bytes.
 *
 * The reader borrows its bytes, allocates nothing and believes no declared length beyond the bytes that are there. */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

enum wire_type {
    WIRE_END, /* no byte left, cut short, or the tag 0xc1: the reader stays where it is */
    WIRE_NIL,
    WIRE_BOOL,
    WIRE_UINT,  /* any integer >= 0, however it was encoded */
    WIRE_INT,   /* an integer < 0 */
    WIRE_FLOAT, /* float32 widened, or float64 */
    WIRE_STR,
    WIRE_BIN,
    WIRE_EXT,
    WIRE_ARRAY, /* its items follow */
    WIRE_MAP,   /* its keys and values follow, in turn */
};

struct wire_token {
    enum wire_type type;
    union {
        bool boolean;
        uint64_t u;
        int64_t i;
        double f;
        struct span bytes; /* of STR, BIN, EXT (without its type byte) */
        uint32_t
            count; /* items of an ARRAY, pairs of a MAP; at most the bytes that are left (half of them for pairs) */
    } as;
};

struct wire_reader {
    const uint8_t *at;
    const uint8_t *end;
};

static inline struct wire_reader wire_reader_of(struct span bytes)
{
    return (struct wire_reader){bytes.data, span_end(bytes)};
}

/* As wire_next, for every tag. */
const uint8_t *wire_next_any(const uint8_t *at, const uint8_t *end, struct wire_token *token);

/* Reads the token at `at` and returns where the next one begins, behind the head only for ARRAY and MAP; `at` for
 * WIRE_END. A loop that reads by it has its place in a register, and the next token waits for no store. */
static inline const uint8_t *wire_next(const uint8_t *at, const uint8_t *end, struct wire_token *token)
{
    /* most of an event: strings below 32 bytes */
    if (at < end && (*at & 0xe0) == 0xa0) {
        size_t len = *at & 0x1fU;
        if (len < (size_t)(end - at)) {
            token->type = WIRE_STR;
            token->as.bytes = span_of(at + 1, len);
            return at + 1 + len;
        }
    }
    return wire_next_any(at, end, token);
}

/* Reads one token and steps over it, as wire_next does. Returns token->type. */
static inline enum wire_type wire_read(struct wire_reader *reader, struct wire_token *token)
{
    reader->at = wire_next(reader->at, reader->end, token);
    return token->type;
}

/* Steps over one whole value, however deep. False when it is cut short or holds 0xc1 (the reader has moved then). */
bool wire_skip(struct wire_reader *reader);

/* Typed reads for messages of known shape: false, and nothing moved, when the next token is something else. */
bool wire_read_array(struct wire_reader *reader, uint32_t *count);
bool wire_read_map(struct wire_reader *reader, uint32_t *count);
bool wire_read_uint(struct wire_reader *reader, uint64_t *value);
bool wire_read_str(struct wire_reader *reader, struct span *value);

/* Writers append to `out`, always in the shortest encoding; failure sticks in out->failed. */
void wire_write_nil(struct text *out);
void wire_write_bool(struct text *out, bool value);
void wire_write_uint(struct text *out, uint64_t value);
void wire_write_int(struct text *out, int64_t value);
void wire_write_double(struct text *out, double value); /* float64 */
void wire_write_str(struct text *out, struct span value);
void wire_write_bin(struct text *out, struct span value);
void wire_write_array(struct text *out, uint32_t count);
void wire_write_map(struct text *out, uint32_t count);

#endif
