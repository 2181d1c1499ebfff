/* The chain of hashes (PROTOCOL.md section 5), as whoever reads the log computes it. */
#ifndef CLIENT_VERIFY_CHAIN_H
#define CLIENT_VERIFY_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/json_read.h"

#define VERIFY_HASH_LEN   32
#define VERIFY_LOG_ID_LEN 32

/* H(0) of a log. */
void verify_chain_start(uint8_t hash[VERIFY_HASH_LEN], const char log_id[VERIFY_LOG_ID_LEN]);

/* From H(i-1) to H(i), in place. False when that is not the hash which the line carries. */
bool verify_chain_next(uint8_t hash[VERIFY_HASH_LEN], const struct line *line);

/* True when the line follows on the one with H = `hash`. */
bool verify_chain_follows(const uint8_t hash[VERIFY_HASH_LEN], const struct line *line);

#endif
