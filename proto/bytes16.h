/* Sixteen bytes at a time, by the vectors that gcc and clang have for every machine; where SSE2 answers a question in one
 * instruction, it is asked (not with BYTES16_PLAIN, so that a test sees both). */
#ifndef PROTO_BYTES16_H
#define PROTO_BYTES16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined __SSE2__ && !defined BYTES16_PLAIN
#include <emmintrin.h>
#endif

/* Signed, as comparisons are cheapest: what is above ASCII is below zero. */
typedef int8_t bytes16 __attribute__((vector_size(16)));
typedef uint8_t ubytes16 __attribute__((vector_size(16))); /* for sums, which wrap around */
typedef uint64_t words2 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const void *at)
{
    bytes16 bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* All of 1 to 15 bytes and nothing beyond them, some more than once. */
static inline bytes16 bytes16_load_short(const uint8_t *at, size_t len)
{
    uint64_t low;
    uint64_t high;
    if (len >= 8) {
        memcpy(&low, at, 8);
        memcpy(&high, at + len - 8, 8);
        return (bytes16)(words2){low, high};
    }
    if (len >= 4) {
        uint32_t halves[2];
        memcpy(&halves[0], at, 4);
        memcpy(&halves[1], at + len - 4, 4);
        low = (uint64_t)halves[1] << 32 | halves[0];
    } else {
        low = (at[0] | (uint64_t)at[len / 2] << 8 | (uint64_t)at[len - 1] << 16) * UINT64_C(0x0001000001000001);
    }
    return (bytes16)(words2){low, low};
}

/* Copies `len` bytes, however few; the two do not overlap. For what is mostly short: no call. */
static inline void bytes16_copy(void *to, const uint8_t *from, size_t len)
{
    uint8_t *out = to;
    if (len >= 16) {
        for (size_t at = 0; at < len - 16; at += 16)
            memcpy(out + at, from + at, 16);
        memcpy(out + len - 16, from + len - 16, 16);
    } else if (len >= 8) {
        memcpy(out, from, 8);
        memcpy(out + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(out, from, 4);
        memcpy(out + len - 4, from + len - 4, 4);
    } else if (len > 0) {
        out[0] = from[0];
        out[len / 2] = from[len / 2];
        out[len - 1] = from[len - 1];
    }
}

/* True when a lane of a comparison's result is. */
static inline bool bytes16_any(bytes16 lanes)
{
#if defined __SSE2__ && !defined BYTES16_PLAIN
    return _mm_movemask_epi8((__m128i)lanes) != 0;
#else
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
#endif
}

/* The lanes that hold no printable ASCII character: C0, DEL, whatever is above. One more than DEL is below zero. */
static inline bytes16 bytes16_unprintable(bytes16 bytes)
{
    return (bytes16)((bytes16)((ubytes16)bytes + 1) < 0x21);
}

#endif
