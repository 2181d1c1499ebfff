/* libtocsin: keys. A broker that is reached over a network encrypts with CURVE, shows who it is by its public key, and
 * lets in whose public key it knows.
 *
 *     struct tocsin_key own, broker;
 *     int error = tocsin_key_read(&own, "billing.key_secret", NULL, 0);
 *     if (!error)
 *         error = tocsin_key_read_public(&broker, "broker.key", NULL, 0);
 *     struct tocsin_curve curve = {.server_key = broker.public_key, .secret_key = own.secret_key};
 *     struct tocsin_publisher_options options = {.server = "media-1.example.net", .curve = &curve};
 *
 * Key files are as czmq's zcert writes them and `tocsin keygen` makes them: NAME.key with the public key, NAME.key_secret
 * with both. A key is 40 characters of Z85. */
#ifndef TOCSIN_CURVE_H
#define TOCSIN_CURVE_H

#include "tocsin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TOCSIN_KEY_LEN 40

/* Texts are copied by the functions that take the struct, and so is the struct. Only TCP is encrypted: with the
 * endpoints ipc:// and inproc://, which do not leave the machine, the keys are not used. */
struct tocsin_curve {
    const char *server_key; /* the broker's public key */
    const char *secret_key; /* this program's own */
    const char *public_key; /* that one's other half; NULL: it is worked out */
};

/* Ended by NUL; secret_key is "" where only the public one is known. */
struct tocsin_key {
    char public_key[TOCSIN_KEY_LEN + 1];
    char secret_key[TOCSIN_KEY_LEN + 1];
};

/* Makes a new pair. TOCSIN_E_IO: libzmq was built without CURVE. */
TOCSIN_API int tocsin_key_make(struct tocsin_key *key);

/* Reads a secret file. TOCSIN_E_INVALID: others may read it, or it is no plain file; TOCSIN_E_SYNTAX: it is no key file,
 * has no secret key, or its two keys do not belong together; TOCSIN_E_IO: it cannot be read. The reason goes to `error`
 * for people, cut to `size`; `error` may be NULL. */
TOCSIN_API int tocsin_key_read(struct tocsin_key *key, const char *path, char *error, size_t size);

/* Takes a public key: its 40 characters, or the name of a public file. Errors as above; a secret file is
 * TOCSIN_E_INVALID, for it belongs to its owner alone. */
TOCSIN_API int tocsin_key_read_public(struct tocsin_key *key, const char *path_or_key, char *error, size_t size);

/* Writes PATH (public, mode 0644) and PATH_secret (mode 0600), neither in place of another file. `name` goes into them,
 * for people. TOCSIN_E_LOCKED: one of them is there; TOCSIN_E_IO: they cannot be written; TOCSIN_E_INVALID: the name has
 * other characters than A-Z a-z 0-9 _ . - or none. */
TOCSIN_API int tocsin_key_write(const struct tocsin_key *key, const char *path, const char *name, char *error,
                                size_t size);

#ifdef __cplusplus
}
#endif

#endif
