#include "proto/wire.h"

/* The first byte and `size` bytes of number behind it, most significant first. */
static void put_tagged(struct text *out, uint8_t tag, uint64_t number, unsigned size)
{
    uint8_t bytes[9];
    bytes[0] = tag;
    for (unsigned i = 0; i < size; i++)
        bytes[1 + i] = (uint8_t)(number >> 8 * (size - 1 - i));
    text_put(out, bytes, 1 + size);
}

void wire_write_nil(struct text *out)
{
    put_tagged(out, 0xc0, 0, 0);
}

void wire_write_bool(struct text *out, bool value)
{
    put_tagged(out, value ? 0xc3 : 0xc2, 0, 0);
}

void wire_write_uint(struct text *out, uint64_t value)
{
    if (value < 0x80)
        put_tagged(out, (uint8_t)value, 0, 0);
    else if (value <= UINT8_MAX)
        put_tagged(out, 0xcc, value, 1);
    else if (value <= UINT16_MAX)
        put_tagged(out, 0xcd, value, 2);
    else if (value <= UINT32_MAX)
        put_tagged(out, 0xce, value, 4);
    else
        put_tagged(out, 0xcf, value, 8);
}

void wire_write_int(struct text *out, int64_t value)
{
    if (value >= 0)
        wire_write_uint(out, (uint64_t)value);
    else if (value >= -32)
        put_tagged(out, (uint8_t)value, 0, 0);
    else if (value >= INT8_MIN)
        put_tagged(out, 0xd0, (uint64_t)value, 1);
    else if (value >= INT16_MIN)
        put_tagged(out, 0xd1, (uint64_t)value, 2);
    else if (value >= INT32_MIN)
        put_tagged(out, 0xd2, (uint64_t)value, 4);
    else
        put_tagged(out, 0xd3, (uint64_t)value, 8);
}

void wire_write_double(struct text *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_tagged(out, 0xcb, bits, 8);
}

/* Lengths of strings and bin, counts of containers: the tag bytes of the 8, 16 and 32 bit forms, 0 where there is none.
 */
static void put_size(struct text *out, size_t size, uint8_t tag8, uint8_t tag16, uint8_t tag32)
{
    if (size > UINT32_MAX)
        out->failed = true;
    else if (size <= UINT8_MAX && tag8)
        put_tagged(out, tag8, size, 1);
    else if (size <= UINT16_MAX)
        put_tagged(out, tag16, size, 2);
    else
        put_tagged(out, tag32, size, 4);
}

void wire_write_str(struct text *out, struct span value)
{
    if (value.len < 32)
        put_tagged(out, (uint8_t)(0xa0 | value.len), 0, 0);
    else
        put_size(out, value.len, 0xd9, 0xda, 0xdb);
    text_put(out, value.data, value.len);
}

void wire_write_bin(struct text *out, struct span value)
{
    put_size(out, value.len, 0xc4, 0xc5, 0xc6);
    text_put(out, value.data, value.len);
}

void wire_write_array(struct text *out, uint32_t count)
{
    if (count < 16)
        put_tagged(out, (uint8_t)(0x90 | count), 0, 0);
    else
        put_size(out, count, 0, 0xdc, 0xdd);
}

void wire_write_map(struct text *out, uint32_t count)
{
    if (count < 16)
        put_tagged(out, (uint8_t)(0x80 | count), 0, 0);
    else
        put_size(out, count, 0, 0xde, 0xdf);
}
