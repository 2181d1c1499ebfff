/* Where the broker is: options, then the environment, then the default. */
#ifndef CLIENT_WHERE_H
#define CLIENT_WHERE_H

#include <stdbool.h>

#include "client/endpoint.h"
#include "client/options.h"
#include "client/tocsin_curve.h"

struct where {
    enum endpoint_kind kind;
    char endpoint[ENDPOINT_MAX];
    int timeout_ms; /* how long to wait for the broker */
    bool has_keys;
    struct tocsin_key key;        /* one's own */
    struct tocsin_key server_key; /* the broker's */
    struct tocsin_curve curve;    /* the two, as where_curve gives them */
    const char *key_file;         /* NULL: no keys */
    const char *cursor_file;      /* where the place in its log is kept, for complaints; NULL: nowhere */
};

/* Finds the endpoint that a command needs, and the keys; complains about what is none and returns false. */
bool where_find(const struct options *options, enum endpoint_kind kind, struct where *where);

/* True when this endpoint was given by itself, by option or variable. */
bool where_is_given(const struct options *options, enum endpoint_kind kind);

/* The keys as the library wants them; they live as long as `where` stays in its place. NULL: none. */
const struct tocsin_curve *where_curve(const struct where *where);

/* The name of one's key, as far as a producer's name can hold it: the key file's without what keygen puts behind it, and
 * what the broker expects names of producers to begin with. Returns its length, 0: there is no key. */
size_t where_key_name(const struct where *where, const char **name);

/* Takes over the keys of `from`. */
void where_copy_keys(struct where *where, const struct where *from);

/* Takes the broker's public key from an option's value (its file, or its characters) in place of that of --server-key;
 * complains and returns false where it is none. */
bool where_set_server_key(struct where *where, const char *name, const char *value);

/* Complains about an error of opening a connection there; returns the exit code. */
int where_complain(const struct where *where, int error);

#endif
