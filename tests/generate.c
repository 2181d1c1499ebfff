#include "tests/generate.h"

#include <math.h>

#include "proto/utf8.h"

void generator_init(struct generator *generator, uint64_t seed)
{
    *generator = (struct generator){.state = seed, .uint_max = UINT64_MAX};
    text_init(&generator->content);
}

void generator_fini(struct generator *generator)
{
    text_fini(&generator->content);
}

/* Sebastiano Vigna's splitmix64. */
uint64_t generate_bits(struct generator *generator)
{
    uint64_t z = generator->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t generate_below(struct generator *generator, uint64_t limit)
{
    return generate_bits(generator) % limit;
}

#define PICK(generator, array) (array)[generate_below(generator, sizeof(array) / sizeof *(array))]

static uint32_t pick_character(struct generator *generator, bool is_line)
{
    static const uint32_t escaped[] = {0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c,
                                       0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff};
    static const uint32_t borders[] = {0xa0,   0x7ff,  0x800,  0x2027, 0x202f,  0x2065,  0x206a,
                                       0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff};
    static const uint32_t syntax[] = {'"', '\\', '/', ',', ':', '[', ']', '{', '}'};
    switch (generate_below(generator, 12)) {
    case 0:
    case 1:
        return PICK(generator, syntax);
    case 2:
        return is_line ? ' ' : 1 + (uint32_t)generate_below(generator, 0x1f);
    case 3:
        return is_line ? '~' : 0x7f + (uint32_t)generate_below(generator, 0x21);
    case 4:
        return PICK(generator, escaped);
    case 5:
        return PICK(generator, borders);
    case 6: {
        uint32_t character = 0xa0 + (uint32_t)generate_below(generator, 0x110000 - 0xa0);
        return character >= 0xd800 && character < 0xe000 ? 0x4e00 : character;
    }
    default:
        return 0x20 + (uint32_t)generate_below(generator, 0x5f);
    }
}

static size_t pick_len(struct generator *generator, size_t len_max)
{
    static const size_t borders[] = {0, 1, 7, 8, 9, 15, 16, 31, 32, 33, 255, 256, 257};
    size_t len = generate_below(generator, 12);
    if (generate_below(generator, 4) == 0)
        len = PICK(generator, borders);
    if (generate_below(generator, 100) == 0)
        len = generate_below(generator, 70000);
    return len < len_max ? len : len_max;
}

void generate_string(struct generator *generator, struct text *out, size_t len_max, bool is_line)
{
    size_t end = out->len + pick_len(generator, len_max);
    bool is_plain = generate_below(generator, 2) == 0;
    while (out->len < end) {
        uint8_t bytes[4];
        unsigned len = utf8_encode(
            is_plain ? 'a' + (uint32_t)generate_below(generator, 26) : pick_character(generator, is_line), bytes);
        if (out->len + len <= end)
            text_put(out, bytes, len);
        else
            text_put_char(out, 'z');
    }
}

static void put_tagged(struct text *out, unsigned tag, uint64_t number, unsigned size)
{
    text_put_char(out, (char)tag);
    while (size-- > 0)
        text_put_char(out, (char)(number >> 8 * size));
}

/* The head of a string or container: `fix` and `fix_max` for the one-byte form, `tag8` 0 where there is none. */
static void put_head(struct generator *generator, struct text *out, size_t size, unsigned fix, unsigned fix_max,
                     unsigned tag8, unsigned tag16)
{
    bool is_shortest = generate_below(generator, 4) != 0;
    for (;;) {
        switch (is_shortest ? 0 : generate_below(generator, 4)) {
        case 0:
            if (size <= fix_max) {
                text_put_char(out, (char)(fix | size));
                return;
            }
            is_shortest = false;
            break;
        case 1:
            if (tag8 && size <= UINT8_MAX) {
                put_tagged(out, tag8, size, 1);
                return;
            }
            break;
        case 2:
            if (size <= UINT16_MAX) {
                put_tagged(out, tag16, size, 2);
                return;
            }
            break;
        default:
            put_tagged(out, tag16 + 1, size, 4);
            return;
        }
    }
}

void generate_put_str(struct generator *generator, struct text *out, struct span content)
{
    put_head(generator, out, content.len, 0xa0, 31, 0xd9, 0xda);
    text_put(out, content.data, content.len);
}

void generate_put_map(struct generator *generator, struct text *out, uint32_t count)
{
    put_head(generator, out, count, 0x80, 15, 0, 0xde);
}

static void put_uint(struct generator *generator, struct text *out, uint64_t value)
{
    for (;;) {
        unsigned width = generate_below(generator, 2) ? 8 : (unsigned)generate_below(generator, 8);
        unsigned bits = 8U << (width & 3);
        if (width == 8 && value < 0x80) {
            text_put_char(out, (char)value);
            return;
        }
        if (width < 4 && (bits == 64 || value >> bits == 0)) {
            put_tagged(out, 0xcc + width, value, bits / 8);
            return;
        }
        if (width >= 4 && width < 8 && value >> (bits - 1) == 0) {
            put_tagged(out, 0xd0 + width - 4, value, bits / 8);
            return;
        }
    }
}

/* -1 - `above` */
static void put_negative(struct generator *generator, struct text *out, uint64_t above)
{
    for (;;) {
        unsigned width = generate_below(generator, 2) ? 4 : (unsigned)generate_below(generator, 4);
        unsigned bits = 8U << (width & 3);
        if (width == 4 && above < 32) {
            text_put_char(out, (char)~above);
            return;
        }
        if (width < 4 && above >> (bits - 1) == 0) {
            put_tagged(out, 0xd0 + width, ~above, bits / 8);
            return;
        }
    }
}

static void put_integer(struct generator *generator, struct text *out)
{
    uint64_t value = generate_bits(generator) >> generate_below(generator, 64);
    if (generate_below(generator, 4) == 0)
        value = (UINT64_C(1) << generate_below(generator, 64)) - 2 + generate_below(generator, 4);
    if (generate_below(generator, 4) == 0)
        value = generate_below(generator, 0x180);
    if (generate_below(generator, 2) == 0)
        put_negative(generator, out, value & INT64_MAX);
    else
        put_uint(generator, out, value <= generator->uint_max ? value : value & generator->uint_max);
}

static void put_float(struct generator *generator, struct text *out)
{
    if (generate_below(generator, 2) == 0) {
        uint32_t bits = (uint32_t)generate_bits(generator);
        if (generate_below(generator, 4) == 0)
            bits &= 0x80ffffff; /* near zero, or subnormal */
        put_tagged(out, 0xca, (bits & 0x7f800000) == 0x7f800000 ? bits ^ 0x00800000 : bits, 4);
        return;
    }
    double value = (double)(int64_t)generate_below(generator, 2000000) / 1000 - 1000;
    uint64_t bits = generate_bits(generator);
    if (generate_below(generator, 4) == 0)
        value = (double)(bits >> generate_below(generator, 64));
    if (generate_below(generator, 2) == 0)
        memcpy(&value, &bits, sizeof value);
    if (generate_below(generator, 16) == 0)
        value = copysign(0.0, value);
    if (!isfinite(value))
        value = 0.1;
    memcpy(&bits, &value, sizeof bits);
    put_tagged(out, 0xcb, bits, 8);
}

static void put_content(struct generator *generator, struct text *out, size_t len_max)
{
    text_clear(&generator->content);
    generate_string(generator, &generator->content, len_max, false);
    generate_put_str(generator, out, text_span(&generator->content));
}

/* The name of a member, different from all others of its map: it ends in its number, unless it is the first and could
 * not be taken for another. */
static void put_key(struct generator *generator, struct text *out, uint32_t index, size_t len_max)
{
    text_clear(&generator->content);
    generate_string(generator, &generator->content, len_max, false);
    if (index > 0 || (generator->content.len > 0 && memchr(generator->content.data, ':', generator->content.len)))
        text_printf(&generator->content, ":%u", index);
    generate_put_str(generator, out, text_span(&generator->content));
}

static void put_scalar(struct generator *generator, struct text *out, size_t len_max)
{
    switch (generate_below(generator, len_max > 8 ? 8 : 3)) {
    case 0:
        text_put_char(out, (char)0xc0);
        break;
    case 1:
        text_put_char(out, (char)0xc2);
        break;
    case 2:
        text_put_char(out, (char)0xc3);
        break;
    case 3:
    case 4:
        put_integer(generator, out);
        break;
    case 5:
        put_float(generator, out);
        break;
    default:
        put_content(generator, out, len_max);
        break;
    }
}

static uint32_t pick_count(struct generator *generator, size_t len_max)
{
    static const uint32_t borders[] = {0, 1, 14, 15, 16, 17, 255, 256, 300};
    uint64_t count = generate_below(generator, 5);
    if (generate_below(generator, 8) == 0)
        count = PICK(generator, borders);
    if (generate_below(generator, 200) == 0)
        count = generate_below(generator, 70000);
    return (uint32_t)(count < len_max / 4 ? count : len_max / 4);
}

/* `end` is where the value should be over; `is_spine`: as deep as may be. */
static void put_value(struct generator *generator, struct text *out, unsigned depth_left, size_t end, bool is_spine)
{
    size_t left = end > out->len ? end - out->len : 0;
    if (depth_left == 0 || (!is_spine && generate_below(generator, 2) == 0)) {
        put_scalar(generator, out, left);
        return;
    }
    uint32_t count = pick_count(generator, left);
    if (is_spine && count == 0)
        count = 1;
    bool is_map = generate_below(generator, 2) == 0;
    if (is_map)
        generate_put_map(generator, out, count);
    else
        put_head(generator, out, count, 0x90, 15, 0, 0xdc);
    uint32_t spine = is_spine ? (uint32_t)generate_below(generator, count) : UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        left = end > out->len ? end - out->len : 0;
        if (is_map)
            put_key(generator, out, i, left / (count - i) / 4);
        left = end > out->len ? end - out->len : 0;
        put_value(generator, out, depth_left - 1, out->len + left / (i == spine ? 1 : count - i), i == spine);
    }
}

void generate_value(struct generator *generator, struct text *out, unsigned depth_max, size_t len_max)
{
    bool is_spine = generate_below(generator, 16) == 0;
    put_value(generator, out, depth_max, out->len + len_max, is_spine);
}
