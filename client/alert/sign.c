#include "client/alert/sign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool sign_key_read(struct sign_key *key, const char *text)
{
    static const char prefix[] = "whsec_";
    const char *end;
    size_t len = strlen(prefix);
    if (strncmp(text, prefix, len) != 0)
        return false;
    text += len;
    return sodium_base642bin(key->bytes, sizeof key->bytes, text, strlen(text), NULL, &key->len, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           *end == '\0' && key->len >= 24;
}

void sign_write(char signature[SIGN_SIGNATURE_MAX], const struct sign_key *key, const char *id, int64_t seconds,
                struct span body)
{
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char head[128];
    int len = snprintf(head, sizeof head, "%s.%lld.", id, (long long)seconds);
    crypto_auth_hmacsha256_init(&state, key->bytes, key->len);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)head, (unsigned)len);
    crypto_auth_hmacsha256_update(&state, body.data, body.len);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(signature, "v1,", 3);
    sodium_bin2base64(signature + 3, (size_t)SIGN_SIGNATURE_MAX - 3, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
}
