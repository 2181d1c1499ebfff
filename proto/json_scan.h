/* Finding one's way in JSON strings, eight bytes at a time: what both readers of JSON text stand on. */
#ifndef PROTO_JSON_SCAN_H
#define PROTO_JSON_SCAN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The high bit of each of eight bytes that is a quote, a backslash or a raw control character; the lowest one is exact,
 * those above it may be echoes of a borrow. */
static inline uint64_t json_scan_found(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = bytes ^ (ones * '"');
    uint64_t backslash = bytes ^ (ones * '\\');
    uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((bytes - ones * 0x20) & ~bytes);
    return found & ones * 0x80;
}

/* Returns the first byte that is not plain text of a string: a quote, a backslash or a raw control character (below
 * 0x20); `end` where there is none. */
static inline const uint8_t *json_scan_plain(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t bytes;
        memcpy(&bytes, at, sizeof bytes);
        bytes = le64toh(bytes);
        uint64_t found = json_scan_found(bytes);
        if (found != 0)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20)
        at++;
    return at;
}

/* As json_scan_plain, and *seen is or-ed with all bytes that it steps over: with a high bit in it they are not all ASCII.
 */
static inline const uint8_t *json_scan_seen(const uint8_t *at, const uint8_t *end, uint64_t *seen)
{
    for (; end - at >= 8; at += 8) {
        uint64_t bytes;
        memcpy(&bytes, at, sizeof bytes);
        bytes = le64toh(bytes);
        uint64_t found = json_scan_found(bytes);
        if (found != 0) {
            *seen |= bytes & ((found & -found) - 1);
            return at + __builtin_ctzll(found) / 8;
        }
        *seen |= bytes;
    }
    for (; at < end && *at != '"' && *at != '\\' && *at >= 0x20; at++)
        *seen |= *at;
    return at;
}

/* From behind the opening quote of a string to its closing quote, over escapes (which are not looked into). Where
 * there is no closing quote: the raw control character that stands in the way, else `end`. */
static inline const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        at = json_scan_plain(at, end);
        if (at == end || *at != '\\')
            return at;
        if (end - at < 2)
            return end;
        if (at[1] < 0x20)
            return at + 1;
        at += 2;
    }
}

#endif
