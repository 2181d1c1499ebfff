/* The public keys that checkpoints are believed by. */
#ifndef CLIENT_VERIFY_KEYS_H
#define CLIENT_VERIFY_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/checkpoint.h"

#define VERIFY_KEYS_MAX        64
#define VERIFY_FINGERPRINT_LEN 16

enum verify_trust {
    VERIFY_TRUST_NONE,   /* no key is known: those that the checkpoints name themselves are taken */
    VERIFY_TRUST_BESIDE, /* the key lies beside the log */
    VERIFY_TRUST_GIVEN,
};

struct verify_keys {
    enum verify_trust trust;
    uint8_t items[VERIFY_KEYS_MAX][CHECKPOINT_KEY_LEN];
    size_t count;
};

/* Adds a key that the user names: 64 hex digits, or the file FILE.pub that tocsind makes. False, with the reason in
 * `why` (static), when it is neither or there are too many. */
bool verify_keys_add(struct verify_keys *keys, const char *given, const char **why);

/* Takes the key beside the log, tocsind.key.pub in the directory `dir`, where none was given. */
void verify_keys_look_beside(struct verify_keys *keys, int dir);

bool verify_keys_have(const struct verify_keys *keys, const uint8_t key[CHECKPOINT_KEY_LEN]);

/* How people tell keys apart: the first 8 bytes of its BLAKE2b-256, in hex and terminated. */
void verify_keys_fingerprint(char out[VERIFY_FINGERPRINT_LEN + 1], const uint8_t key[CHECKPOINT_KEY_LEN]);

#endif
