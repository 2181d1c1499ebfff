#include "client/gateway/ome_signature.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#define DIGEST_MAX 64
#define TEXT_MAX   (DIGEST_MAX * 4 / 3 + 3)

/* The hash of which a signature of so many characters is; NULL: there is none. */
static const char *hash_of(size_t len)
{
    static const struct {
        const char *name;
        size_t digest_len;
    } hashes[] = {{"SHA1", 20}, {"SHA224", 28}, {"SHA256", 32}, {"SHA384", 48}, {"SHA512", 64}};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        if (sodium_base64_encoded_len(hashes[i].digest_len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == len + 1)
            return hashes[i].name;
    }
    return NULL;
}

bool ome_signature_holds(const char *signature, struct span body, struct span key)
{
    uint8_t digest[DIGEST_MAX];
    char expected[TEXT_MAX];
    size_t len = strlen(signature), digest_len = 0;
    const char *hash = hash_of(len);
    if (!hash || !EVP_Q_mac(NULL, "HMAC", NULL, hash, NULL, key.data, key.len, body.data, body.len, digest,
                            sizeof digest, &digest_len))
        return false;
    sodium_bin2base64(expected, sizeof expected, digest, digest_len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return strlen(expected) == len && sodium_memcmp(expected, signature, len) == 0;
}
