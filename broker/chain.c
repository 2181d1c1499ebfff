#include "broker/chain.h"

#include <sodium.h>

static const char hex_digits[] = "0123456789abcdef";

/* BLAKE2b-256 of two pieces after each other. */
static void hash_two(uint8_t out[CHAIN_HASH_LEN], struct span first, struct span second)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHAIN_HASH_LEN);
    crypto_generichash_update(&state, first.data, first.len);
    crypto_generichash_update(&state, second.data, second.len);
    crypto_generichash_final(&state, out, CHAIN_HASH_LEN);
}

void chain_start(uint8_t hash[CHAIN_HASH_LEN], struct span log_id)
{
    hash_two(hash, span_of_str("tocsin-log-1"), log_id);
}

void chain_next(uint8_t hash[CHAIN_HASH_LEN], struct span line)
{
    hash_two(hash, span_of(hash, CHAIN_HASH_LEN), line);
}

void chain_end_line(uint8_t hash[CHAIN_HASH_LEN], struct text *out, size_t start)
{
    static const char head[] = ",\"hash\":\"";
    char end[sizeof head - 1 + CHAIN_HEX_LEN + 3];

    if (!text_reserve(out, sizeof end))
        return;
    chain_next(hash, span_of(out->data + start, out->len - start));
    memcpy(end, head, sizeof head - 1);
    chain_write_hex(end + sizeof head - 1, hash);
    memcpy(end + sizeof end - 3, "\"}\n", 3);
    text_put(out, end, sizeof end);
}

static void write_hex(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex_digits[bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
}

void chain_write_hex(char out[CHAIN_HEX_LEN], const uint8_t hash[CHAIN_HASH_LEN])
{
    write_hex(out, hash, CHAIN_HEX_LEN / 2);
}

void chain_write_full_hex(char out[CHAIN_FULL_HEX_LEN], const uint8_t hash[CHAIN_HASH_LEN])
{
    write_hex(out, hash, CHAIN_HASH_LEN);
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool chain_read_full_hex(uint8_t hash[CHAIN_HASH_LEN], struct span hex)
{
    if (hex.len != CHAIN_FULL_HEX_LEN)
        return false;
    for (size_t i = 0; i < CHAIN_HASH_LEN; i++) {
        int high = hex_value(hex.data[2 * i]);
        int low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool chain_matches(const uint8_t hash[CHAIN_HASH_LEN], struct span hex)
{
    char expected[CHAIN_HEX_LEN];

    if (hex.len != CHAIN_HEX_LEN)
        return false;
    chain_write_hex(expected, hash);
    return memcmp(expected, hex.data, CHAIN_HEX_LEN) == 0;
}
