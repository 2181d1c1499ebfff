/* The chain of hashes through the log (PROTOCOL.md section 5): every line's hash covers all lines before it. */
#ifndef BROKER_CHAIN_H
#define BROKER_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

#define CHAIN_HASH_LEN     32 /* bytes of H(i) */
#define CHAIN_HEX_LEN      32 /* hex digits of a line's hash: the first 16 bytes of H(i) */
#define CHAIN_FULL_HEX_LEN 64 /* hex digits of all of H(i) */

/* H(0) = BLAKE2b-256("tocsin-log-1" and the log_id): where a log begins. */
void chain_start(uint8_t hash[CHAIN_HASH_LEN], struct span log_id);

/* From H(i-1) to H(i), in place. `line` is the line's bytes before ,"hash" (what record_write_line wrote). */
void chain_next(uint8_t hash[CHAIN_HASH_LEN], struct span line);

/* Ends a line that begins at out->data + start and that record_write_line wrote: moves `hash` on over it and appends
 * ,"hash":"…"} and the LF. Nothing happens when out->failed is set. */
void chain_end_line(uint8_t hash[CHAIN_HASH_LEN], struct text *out, size_t start);

/* Write the 32 digits that a line carries, and all 64; lower case, not terminated. */
void chain_write_hex(char out[CHAIN_HEX_LEN], const uint8_t hash[CHAIN_HASH_LEN]);
void chain_write_full_hex(char out[CHAIN_FULL_HEX_LEN], const uint8_t hash[CHAIN_HASH_LEN]);

/* Reads 64 lower-case hex digits; false for anything else. */
bool chain_read_full_hex(uint8_t hash[CHAIN_HASH_LEN], struct span hex);

/* True when `hex` is the 32 digits that a line with this H(i) carries. */
bool chain_matches(const uint8_t hash[CHAIN_HASH_LEN], struct span hex);

#endif
