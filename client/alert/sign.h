/* Standard Webhooks: who has the secret can tell that a message is ours, and when it was sent. */
#ifndef CLIENT_ALERT_SIGN_H
#define CLIENT_ALERT_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

#define SIGN_KEY_MAX       64
#define SIGN_SIGNATURE_MAX 64

struct sign_key {
    uint8_t bytes[SIGN_KEY_MAX];
    size_t len;
};

/* whsec_ and base64 of 24 to 64 bytes. */
bool sign_key_read(struct sign_key *key, const char *text);

/* "v1," and base64 of HMAC-SHA256 over ID.SECONDS.BODY, ended by NUL. */
void sign_write(char signature[SIGN_SIGNATURE_MAX], const struct sign_key *key, const char *id, int64_t seconds,
                struct span body);

#endif
