/* The key that the log's checkpoints are signed with (Ed25519): a file with the secret half, which only its owner may
 * read, and beside it, as FILE.pub, the public half for whoever verifies. */
#ifndef BROKER_LOG_KEY_H
#define BROKER_LOG_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/text.h"

#define LOG_KEY_PUBLIC_LEN      32
#define LOG_KEY_SECRET_LEN      64
#define LOG_KEY_FINGERPRINT_LEN 16 /* hex digits */

struct log_key {
    uint8_t public_key[LOG_KEY_PUBLIC_LEN];
    uint8_t secret_key[LOG_KEY_SECRET_LEN]; /* kept out of the swap space where the system allows it */
    bool is_new;                            /* it was made just now */
};

/* Reads the key of the file; makes both files when neither is there, and FILE.pub when only that is missing (when that
 * one cannot be written, `message` says so and all is well otherwise). Wants libsodium initialised. On failure the key
 * is cleared and `message` (appended to) holds sentences that say what to do: TOCSIN_E_INVALID (others may read the
 * file, it is no key, the halves do not belong together …), TOCSIN_E_IO, TOCSIN_E_NOSPACE, TOCSIN_E_NOMEM. */
int log_key_open(struct log_key *key, const char *path, struct text *message);

/* Forgets the secret. */
void log_key_fini(struct log_key *key);

/* How people tell keys apart: the first 8 bytes of the public half's BLAKE2b-256, in hex and terminated. */
void log_key_fingerprint(char out[LOG_KEY_FINGERPRINT_LEN + 1], const struct log_key *key);

#endif
