#include "client/verify_chain.h"

#include <sodium.h>
#include <string.h>

#define SHORT_LEN 16 /* of H(i): what a line carries */

static void hash_two(uint8_t out[VERIFY_HASH_LEN], struct span first, struct span second)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, VERIFY_HASH_LEN);
    crypto_generichash_update(&state, first.data, first.len);
    crypto_generichash_update(&state, second.data, second.len);
    crypto_generichash_final(&state, out, VERIFY_HASH_LEN);
}

void verify_chain_start(uint8_t hash[VERIFY_HASH_LEN], const char log_id[VERIFY_LOG_ID_LEN])
{
    hash_two(hash, span_of_str("tocsin-log-1"), span_of(log_id, VERIFY_LOG_ID_LEN));
}

/* True when `hex`, 32 digits of lower case, is that of the hash's first half. */
static bool has_hex(const uint8_t hash[VERIFY_HASH_LEN], struct span hex)
{
    static const char digits[] = "0123456789abcdef";
    unsigned difference = 0;
    for (size_t i = 0; i < SHORT_LEN; i++) {
        difference |= hex.data[2 * i] ^ (unsigned char)digits[hash[i] >> 4];
        difference |= hex.data[2 * i + 1] ^ (unsigned char)digits[hash[i] & 15];
    }
    return difference == 0;
}

bool verify_chain_next(uint8_t hash[VERIFY_HASH_LEN], const struct line *line)
{
    hash_two(hash, span_of(hash, VERIFY_HASH_LEN), line->hashed);
    return has_hex(hash, line->hash);
}

bool verify_chain_follows(const uint8_t hash[VERIFY_HASH_LEN], const struct line *line)
{
    uint8_t next[VERIFY_HASH_LEN];
    memcpy(next, hash, sizeof next);
    return verify_chain_next(next, line);
}
