#include "proto/wire.h"

#include <endian.h>

/* The layout of every tag byte (MessagePack specification): how many bytes of number follow it, and what they say. */
enum shape {
    SHAPE_NEVER,
    SHAPE_FIXED,  /* the tag says all: nil, booleans, small integers */
    SHAPE_NUMBER, /* `size` bytes of a number */
    SHAPE_BYTES,  /* `size` bytes of a length, then `extra` bytes and that many bytes; size 0: length is in the tag */
    SHAPE_ITEMS,  /* `size` bytes of a count, then the items; size 0: count is in the tag */
};

struct tag {
    uint8_t type;  /* enum wire_type */
    uint8_t shape; /* enum shape */
    uint8_t size;
    uint8_t mask_or_extra; /* the bits of the tag that hold the length; or an ext's type byte */
};

#define TAG4(...)   __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__
#define TAG16(...)  TAG4(__VA_ARGS__), TAG4(__VA_ARGS__), TAG4(__VA_ARGS__), TAG4(__VA_ARGS__)
#define TAG32(...)  TAG16(__VA_ARGS__), TAG16(__VA_ARGS__)
#define TAG128(...) TAG32(__VA_ARGS__), TAG32(__VA_ARGS__), TAG32(__VA_ARGS__), TAG32(__VA_ARGS__)

#define FIXED(type)                                                                                                    \
    {                                                                                                                  \
        type, SHAPE_FIXED, 0, 0                                                                                        \
    }
#define NUMBER(type, size)                                                                                             \
    {                                                                                                                  \
        type, SHAPE_NUMBER, size, 0                                                                                    \
    }
#define BYTES(type, size)                                                                                              \
    {                                                                                                                  \
        type, SHAPE_BYTES, size, 0                                                                                     \
    }
#define EXT(size)                                                                                                      \
    {                                                                                                                  \
        WIRE_EXT, SHAPE_BYTES, size, 1                                                                                 \
    }
#define FIXEXT(log2)                                                                                                   \
    {                                                                                                                  \
        WIRE_EXT, SHAPE_FIXED, log2, 1                                                                                 \
    }
#define ITEMS(type, size)                                                                                              \
    {                                                                                                                  \
        type, SHAPE_ITEMS, size, 0                                                                                     \
    }
#define SHORT(type, shape, mask)                                                                                       \
    {                                                                                                                  \
        type, shape, 0, mask                                                                                           \
    }

static const struct tag tags[256] = {
    TAG128(FIXED(WIRE_UINT)),                    /* 00 positive fixint */
    TAG16(SHORT(WIRE_MAP, SHAPE_ITEMS, 0x0f)),   /* 80 */
    TAG16(SHORT(WIRE_ARRAY, SHAPE_ITEMS, 0x0f)), /* 90 */
    TAG32(SHORT(WIRE_STR, SHAPE_BYTES, 0x1f)),   /* a0 */
    FIXED(WIRE_NIL),                             /* c0 */
    FIXED(WIRE_END),                             /* c1 is never used */
    FIXED(WIRE_BOOL),
    FIXED(WIRE_BOOL),
    BYTES(WIRE_BIN, 1), /* c4 */
    BYTES(WIRE_BIN, 2),
    BYTES(WIRE_BIN, 4),
    EXT(1), /* c7 */
    EXT(2),
    EXT(4),
    NUMBER(WIRE_FLOAT, 4), /* ca */
    NUMBER(WIRE_FLOAT, 8),
    NUMBER(WIRE_UINT, 1), /* cc */
    NUMBER(WIRE_UINT, 2),
    NUMBER(WIRE_UINT, 4),
    NUMBER(WIRE_UINT, 8),
    NUMBER(WIRE_INT, 1), /* d0 */
    NUMBER(WIRE_INT, 2),
    NUMBER(WIRE_INT, 4),
    NUMBER(WIRE_INT, 8),
    FIXEXT(0), /* d4 */
    FIXEXT(1),
    FIXEXT(2),
    FIXEXT(3),
    FIXEXT(4),
    BYTES(WIRE_STR, 1), /* d9 */
    BYTES(WIRE_STR, 2),
    BYTES(WIRE_STR, 4),
    ITEMS(WIRE_ARRAY, 2), /* dc */
    ITEMS(WIRE_ARRAY, 4),
    ITEMS(WIRE_MAP, 2), /* de */
    ITEMS(WIRE_MAP, 4),
    TAG32(FIXED(WIRE_INT)), /* e0 negative fixint */
};

static inline uint64_t read_big_endian(const uint8_t *at, unsigned size)
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

static void set_fixed(struct wire_token *token, uint8_t byte)
{
    if (token->type == WIRE_UINT)
        token->as.u = byte;
    else if (token->type == WIRE_INT)
        token->as.i = (int8_t)byte;
    else
        token->as.boolean = byte == 0xc3;
}

static void set_number(struct wire_token *token, uint64_t bits, unsigned size)
{
    if (token->type == WIRE_UINT) {
        token->as.u = bits;
        return;
    }
    if (token->type == WIRE_FLOAT) {
        if (size == 4) {
            uint32_t narrow = (uint32_t)bits;
            float value;
            memcpy(&value, &narrow, sizeof value);
            token->as.f = (double)value;
        } else {
            memcpy(&token->as.f, &bits, sizeof token->as.f);
        }
        return;
    }
    unsigned unused = 64 - 8 * size;
    int64_t value = (int64_t)(bits << unused) >> unused;
    if (value >= 0) {
        token->type = WIRE_UINT;
        token->as.u = (uint64_t)value;
    } else {
        token->as.i = value;
    }
}

/* Strings, bin, ext and containers: what follows the tag is a length or a count. */
static enum wire_type read_sized(struct wire_reader *reader, struct wire_token *token, const struct tag *tag)
{
    const uint8_t *at = reader->at + 1;
    size_t left = (size_t)(reader->end - at);
    uint64_t number = *reader->at & tag->mask_or_extra;
    if (tag->size > 0) {
        if (left < tag->size)
            return token->type = WIRE_END;
        number = read_big_endian(at, tag->size);
        at += tag->size;
        left -= tag->size;
    }
    if (tag->shape == SHAPE_ITEMS) {
        /* every item takes a byte at least */
        if (number > (tag->type == WIRE_MAP ? left / 2 : left))
            return token->type = WIRE_END;
        token->as.count = (uint32_t)number;
        reader->at = at;
        return token->type = (enum wire_type)tag->type;
    }
    size_t extra = tag->type == WIRE_EXT ? 1 : 0;
    if (left < extra || number > left - extra)
        return token->type = WIRE_END;
    token->as.bytes = span_of(at + extra, (size_t)number);
    reader->at = at + extra + number;
    return token->type = (enum wire_type)tag->type;
}

static enum wire_type read_fixext(struct wire_reader *reader, struct wire_token *token, const struct tag *tag)
{
    size_t len = (size_t)1 << tag->size;
    if ((size_t)(reader->end - reader->at) < 2 + len)
        return token->type = WIRE_END;
    token->as.bytes = span_of(reader->at + 2, len);
    reader->at += 2 + len;
    return token->type = WIRE_EXT;
}

enum wire_type wire_read_any(struct wire_reader *reader, struct wire_token *token)
{
    if (reader->at >= reader->end)
        return token->type = WIRE_END;
    const struct tag *tag = &tags[*reader->at];
    if (tag->shape >= SHAPE_BYTES)
        return read_sized(reader, token, tag);
    if (tag->type == WIRE_EXT)
        return read_fixext(reader, token, tag);
    if (tag->type == WIRE_END || (size_t)(reader->end - reader->at) < 1U + tag->size)
        return token->type = WIRE_END;
    token->type = (enum wire_type)tag->type;
    if (tag->shape == SHAPE_FIXED)
        set_fixed(token, *reader->at);
    else
        set_number(token, read_big_endian(reader->at + 1, tag->size), tag->size);
    reader->at += 1U + tag->size;
    return token->type;
}

bool wire_skip(struct wire_reader *reader)
{
    /* counts cannot overflow: each is bounded by the bytes that are left */
    uint64_t wanted = 1;
    while (wanted > 0) {
        struct wire_token token;
        switch (wire_read(reader, &token)) {
        case WIRE_END:
            return false;
        case WIRE_ARRAY:
            wanted += token.as.count;
            break;
        case WIRE_MAP:
            wanted += 2 * (uint64_t)token.as.count;
            break;
        default:
            break;
        }
        wanted--;
    }
    return true;
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
