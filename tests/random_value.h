/* Random values that have an exact JSON image, in their shortest encoding. After tests/test_support.h. */
#ifndef TESTS_RANDOM_VALUE_H
#define TESTS_RANDOM_VALUE_H

#include "proto/utf8.h"

/* Text that favours what must be escaped, and what stands beside it. */
static inline size_t random_text(uint8_t *out, size_t max_characters)
{
    static const uint32_t special[] = {'"',    '\\',   '/',    '\n',   '\r',   '\t',    '\b',    '\f',
                                       0x1b,   0x1f,   0x7f,   0x80,   0x85,   0x9b,    0x9f,    0xa0,
                                       0xad,   0x61c,  0x200b, 0x200e, 0x2028, 0x2029,  0x202e,  0x202f,
                                       0x2065, 0x2066, 0x2069, 0x206a, 0xfeff, 0xfffd,  0xffff,  0xd7ff,
                                       0xe000, 0x7ff,  0x800,  0x1,    '~',    0x10000, 0x1f600, 0x10ffff};
    size_t len = 0;
    for (size_t count = random_below(max_characters + 1); count > 0; count--) {
        uint32_t character = (uint32_t)(0x20 + random_below(0x5f));
        if (random_below(4) == 0)
            character = special[random_below(sizeof special / sizeof *special)];
        len += utf8_encode(character, out + len);
    }
    return len;
}

static inline double random_finite(void)
{
    double value;
    uint64_t bits;
    do {
        bits = random_bits();
        memcpy(&value, &bits, sizeof value);
    } while ((bits >> 52 & 0x7ff) == 0x7ff);
    switch (random_below(4)) {
    case 0:
        return (double)(int64_t)random_below(2000000) / 1000.0 - 1000.0;
    case 1:
        return (double)(random_bits() >> random_below(64));
    default:
        return value;
    }
}

static inline void write_random_scalar(struct text *out, uint64_t uint_max)
{
    uint8_t text[4 * 40];
    uint64_t bits = random_bits() >> random_below(64);
    switch (random_below(8)) {
    case 0:
        wire_write_nil(out);
        break;
    case 1:
        wire_write_bool(out, random_below(2) == 0);
        break;
    case 2:
        wire_write_uint(out, bits & uint_max);
        break;
    case 3:
        wire_write_int(out, -1 - (int64_t)(bits >> 1));
        break;
    case 4:
        wire_write_double(out, random_finite());
        break;
    default:
        wire_write_str(out, span_of(text, random_text(text, 40)));
        break;
    }
}

/* `uint_max`: a power of two less one, the largest unsigned integer. */
static inline void write_random_value(struct text *out, unsigned depth, uint64_t uint_max)
{
    if (depth == 0 || random_below(4) == 0) {
        write_random_scalar(out, uint_max);
        return;
    }
    bool is_map = random_below(2) == 0;
    uint32_t count = (uint32_t)random_below(random_below(10) ? 6 : 40);
    if (is_map)
        wire_write_map(out, count);
    else
        wire_write_array(out, count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_map) {
            uint8_t key[4 * 10 + 1];
            size_t len = random_text(key, 10);
            key[len++] = (uint8_t)('0' + i); /* no two are equal: they differ in their last character */
            wire_write_str(out, span_of(key, len));
        }
        write_random_value(out, depth - 1, uint_max);
    }
}

#endif
