#include "client/verify_keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/verify_told.h"

#define HEAD        "tocsin-public-key-1 "
#define SECRET_HEAD "tocsin-secret-key-1 "
#define HEX_LEN     64u
#define BESIDE      "tocsind.key.pub"

static bool read_key(int dir, const char *path, uint8_t key[CHECKPOINT_KEY_LEN], const char **why)
{
    char text[256];
    struct stat stat;

    *why = "it cannot be opened";
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    *why = "it is no plain file";
    ssize_t len = fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) ? read(fd, text, sizeof text) : -1;
    close(fd);
    if (len < 0)
        return false;
    size_t head = strlen(HEAD);
    if ((size_t)len >= head && memcmp(text, SECRET_HEAD, head) == 0) {
        *why = "that is the secret half, which stays with the broker; the public half is in the file with .pub";
        sodium_memzero(text, sizeof text);
        return false;
    }
    *why = "it does not hold a public key of tocsind";
    return (size_t)len == head + HEX_LEN + 1 && memcmp(text, HEAD, head) == 0 && text[len - 1] == '\n' &&
           verify_hex_read(key, CHECKPOINT_KEY_LEN, span_of(text + head, HEX_LEN));
}

bool verify_keys_add(struct verify_keys *keys, const char *given, const char **why)
{
    *why = "too many keys";
    if (keys->count == VERIFY_KEYS_MAX)
        return false;
    uint8_t *key = keys->items[keys->count];
    if (!verify_hex_read(key, CHECKPOINT_KEY_LEN, span_of_str(given)) && !read_key(AT_FDCWD, given, key, why))
        return false;
    keys->trust = VERIFY_TRUST_GIVEN;
    keys->count++;
    return true;
}

void verify_keys_look_beside(struct verify_keys *keys, int dir)
{
    const char *why;
    if (keys->trust != VERIFY_TRUST_NONE || !read_key(dir, BESIDE, keys->items[0], &why))
        return;
    keys->trust = VERIFY_TRUST_BESIDE;
    keys->count = 1;
}

bool verify_keys_have(const struct verify_keys *keys, const uint8_t key[CHECKPOINT_KEY_LEN])
{
    for (size_t i = 0; i < keys->count; i++)
        if (memcmp(keys->items[i], key, CHECKPOINT_KEY_LEN) == 0)
            return true;
    return keys->trust == VERIFY_TRUST_NONE;
}

void verify_keys_fingerprint(char out[VERIFY_FINGERPRINT_LEN + 1], const uint8_t key[CHECKPOINT_KEY_LEN])
{
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, key, CHECKPOINT_KEY_LEN, NULL, 0);
    sodium_bin2hex(out, VERIFY_FINGERPRINT_LEN + 1, hash, VERIFY_FINGERPRINT_LEN / 2);
}
