/* Sixteen bytes at a time, by the vectors that gcc and clang have for every machine. */
#ifndef PROTO_BYTES16_H
#define PROTO_BYTES16_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Signed, as comparisons are cheapest: what is above ASCII is below zero. */
typedef int8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const void *at)
{
    bytes16 bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* True when a lane of a comparison's result is. */
static inline bool bytes16_any(bytes16 lanes)
{
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* The lanes that hold no printable ASCII character: C0, DEL, whatever is above. */
static inline bytes16 bytes16_unprintable(bytes16 bytes)
{
    return (bytes16)(bytes < 0x20) | (bytes16)(bytes == 0x7f);
}

#endif
