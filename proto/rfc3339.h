/* Times as text: RFC 3339 with offset, up to 9 fractional digits, capital T and Z (PROTOCOL.md section 1). */
#ifndef PROTO_RFC3339_H
#define PROTO_RFC3339_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

struct rfc3339 {
    int64_t seconds; /* since 1970-01-01T00:00:00Z; may be negative */
    uint32_t nanoseconds;
    int16_t offset_minutes; /* east of UTC */
};

/* Reads a whole text. False when it is not of the form, or not in the calendar (2026-02-30; a second of 60 only at
 * 23:59:60 UTC, which is the same `seconds` as the midnight after it). `out` may be NULL to check only, and is left
 * alone where the text is refused. */
bool rfc3339_read(struct span text, struct rfc3339 *out);

/* Length of what rfc3339_write_us writes: 2026-11-21T00:30:00.125000Z */
#define RFC3339_US_LEN 27

/* Writes microseconds since 1970 as UTC with six fractional digits and Z. `out` holds RFC3339_US_LEN bytes, not
 * terminated. Years beyond 9999 are written as 9999-12-31T23:59:59.999999Z. */
void rfc3339_write_us(char *out, uint64_t us);

#endif
