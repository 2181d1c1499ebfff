#include "proto/wire.h"

#include <endian.h>

static inline uint64_t read_big_endian(const uint8_t *at, size_t size)
{
    switch (size) {
    case 1:
        return at[0];
    case 2:
        return (uint64_t)at[0] << 8 | at[1];
    case 4: {
        uint32_t value;
        memcpy(&value, at, sizeof value);
        return be32toh(value);
    }
    default: {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        return be64toh(value);
    }
    }
}

/* All readers below: the tag is at `at`, and what is behind it they have to look for. They return where the next token
 * begins. */

static inline size_t left_of(const uint8_t *at, const uint8_t *end)
{
    return (size_t)(end - at) - 1;
}

static inline const uint8_t *read_nothing(const uint8_t *at, struct wire_token *token)
{
    token->type = WIRE_END;
    return at;
}

static inline const uint8_t *read_count(const uint8_t *at, const uint8_t *end, struct wire_token *token,
                                        enum wire_type type, uint64_t count, size_t size)
{
    size_t left = left_of(at, end) - size;
    /* every item takes a byte at least */
    if (count > (type == WIRE_MAP ? left / 2 : left))
        return read_nothing(at, token);
    token->type = type;
    token->as.count = (uint32_t)count;
    return at + 1 + size;
}

/* A container whose count has `size` bytes. */
static inline const uint8_t *read_items(const uint8_t *at, const uint8_t *end, struct wire_token *token,
                                        enum wire_type type, size_t size)
{
    if (left_of(at, end) < size)
        return read_nothing(at, token);
    return read_count(at, end, token, type, read_big_endian(at + 1, size), size);
}

/* `len` bytes behind a head of `size` bytes. */
static inline const uint8_t *read_content(const uint8_t *at, const uint8_t *end, struct wire_token *token,
                                          enum wire_type type, uint64_t len, size_t size)
{
    size_t left = left_of(at, end);
    if (left < size || len > left - size)
        return read_nothing(at, token);
    token->type = type;
    token->as.bytes = span_of(at + 1 + size, (size_t)len);
    return at + 1 + size + len;
}

/* Bytes whose length has `size` bytes; between the two, an ext has a byte that says of which kind it is. */
static inline const uint8_t *read_bytes(const uint8_t *at, const uint8_t *end, struct wire_token *token,
                                        enum wire_type type, size_t size)
{
    if (left_of(at, end) < size)
        return read_nothing(at, token);
    uint64_t len = read_big_endian(at + 1, size);
    return read_content(at, end, token, type, len, type == WIRE_EXT ? size + 1 : size);
}

static inline const uint8_t *read_uint(const uint8_t *at, const uint8_t *end, struct wire_token *token, size_t size)
{
    if (left_of(at, end) < size)
        return read_nothing(at, token);
    token->type = WIRE_UINT;
    token->as.u = read_big_endian(at + 1, size);
    return at + 1 + size;
}

static inline const uint8_t *read_int(const uint8_t *at, const uint8_t *end, struct wire_token *token, size_t size)
{
    if (left_of(at, end) < size)
        return read_nothing(at, token);
    size_t unused = 64 - 8 * size;
    int64_t value = (int64_t)(read_big_endian(at + 1, size) << unused) >> unused;
    token->type = value < 0 ? WIRE_INT : WIRE_UINT;
    if (value < 0)
        token->as.i = value;
    else
        token->as.u = (uint64_t)value;
    return at + 1 + size;
}

static inline const uint8_t *read_float(const uint8_t *at, const uint8_t *end, struct wire_token *token, size_t size)
{
    if (left_of(at, end) < size)
        return read_nothing(at, token);
    token->type = WIRE_FLOAT;
    uint64_t bits = read_big_endian(at + 1, size);
    if (size == 4) {
        uint32_t narrow = (uint32_t)bits;
        float value;
        memcpy(&value, &narrow, sizeof value);
        token->as.f = (double)value;
    } else {
        memcpy(&token->as.f, &bits, sizeof token->as.f);
    }
    return at + 1 + size;
}

/* The tags from 0xc0 to 0xdf. */
static const uint8_t *read_long(const uint8_t *at, const uint8_t *end, struct wire_token *token)
{
    switch (*at) {
    case 0xc0:
        token->type = WIRE_NIL;
        return at + 1;
    case 0xc2:
    case 0xc3:
        token->as.boolean = *at & 1;
        token->type = WIRE_BOOL;
        return at + 1;
    case 0xc4:
        return read_bytes(at, end, token, WIRE_BIN, 1);
    case 0xc5:
        return read_bytes(at, end, token, WIRE_BIN, 2);
    case 0xc6:
        return read_bytes(at, end, token, WIRE_BIN, 4);
    case 0xc7:
        return read_bytes(at, end, token, WIRE_EXT, 1);
    case 0xc8:
        return read_bytes(at, end, token, WIRE_EXT, 2);
    case 0xc9:
        return read_bytes(at, end, token, WIRE_EXT, 4);
    case 0xca:
        return read_float(at, end, token, 4);
    case 0xcb:
        return read_float(at, end, token, 8);
    case 0xcc:
        return read_uint(at, end, token, 1);
    case 0xcd:
        return read_uint(at, end, token, 2);
    case 0xce:
        return read_uint(at, end, token, 4);
    case 0xcf:
        return read_uint(at, end, token, 8);
    case 0xd0:
        return read_int(at, end, token, 1);
    case 0xd1:
        return read_int(at, end, token, 2);
    case 0xd2:
        return read_int(at, end, token, 4);
    case 0xd3:
        return read_int(at, end, token, 8);
    case 0xd4: /* ext of 1, 2, 4, 8 and 16 bytes */
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return read_content(at, end, token, WIRE_EXT, UINT64_C(1) << (*at - 0xd4), 1);
    case 0xd9:
        return read_bytes(at, end, token, WIRE_STR, 1);
    case 0xda:
        return read_bytes(at, end, token, WIRE_STR, 2);
    case 0xdb:
        return read_bytes(at, end, token, WIRE_STR, 4);
    case 0xdc:
        return read_items(at, end, token, WIRE_ARRAY, 2);
    case 0xdd:
        return read_items(at, end, token, WIRE_ARRAY, 4);
    case 0xde:
        return read_items(at, end, token, WIRE_MAP, 2);
    case 0xdf:
        return read_items(at, end, token, WIRE_MAP, 4);
    default: /* c1 is never used */
        return read_nothing(at, token);
    }
}

/* The tag bytes are those of the MessagePack specification. */
const uint8_t *wire_next_any(const uint8_t *at, const uint8_t *end, struct wire_token *token)
{
    if (at >= end)
        return read_nothing(at, token);
    uint8_t tag = *at;
    if (tag < 0x80) {
        token->type = WIRE_UINT;
        token->as.u = tag;
        return at + 1;
    }
    if (tag < 0x90)
        return read_count(at, end, token, WIRE_MAP, tag & 0x0f, 0);
    if (tag < 0xa0)
        return read_count(at, end, token, WIRE_ARRAY, tag & 0x0f, 0);
    if (tag < 0xc0)
        return read_content(at, end, token, WIRE_STR, tag & 0x1f, 0);
    if (tag < 0xe0)
        return read_long(at, end, token);
    token->type = WIRE_INT;
    token->as.i = (int8_t)tag;
    return at + 1;
}

bool wire_skip(struct wire_reader *reader)
{
    const uint8_t *at = reader->at;
    struct wire_token token;
    /* counts cannot overflow: each is bounded by the bytes that are left */
    for (uint64_t wanted = 1; wanted > 0; wanted--) {
        at = wire_next(at, reader->end, &token);
        if (token.type == WIRE_END)
            break;
        if (token.type == WIRE_ARRAY)
            wanted += token.as.count;
        else if (token.type == WIRE_MAP)
            wanted += 2 * (uint64_t)token.as.count;
    }
    reader->at = at;
    return token.type != WIRE_END;
}

static bool read_typed(struct wire_reader *reader, enum wire_type type, struct wire_token *token)
{
    struct wire_reader ahead = *reader;
    if (wire_read(&ahead, token) != type)
        return false;
    *reader = ahead;
    return true;
}

bool wire_read_array(struct wire_reader *reader, uint32_t *count)
{
    struct wire_token token;
    if (!read_typed(reader, WIRE_ARRAY, &token))
        return false;
    *count = token.as.count;
    return true;
}

bool wire_read_map(struct wire_reader *reader, uint32_t *count)
{
    struct wire_token token;
    if (!read_typed(reader, WIRE_MAP, &token))
        return false;
    *count = token.as.count;
    return true;
}

bool wire_read_uint(struct wire_reader *reader, uint64_t *value)
{
    struct wire_token token;
    if (!read_typed(reader, WIRE_UINT, &token))
        return false;
    *value = token.as.u;
    return true;
}

bool wire_read_str(struct wire_reader *reader, struct span *value)
{
    struct wire_token token;
    if (!read_typed(reader, WIRE_STR, &token))
        return false;
    *value = token.as.bytes;
    return true;
}
