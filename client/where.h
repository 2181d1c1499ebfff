/* Where the broker is: options, then the environment, then the default. */
#ifndef CLIENT_WHERE_H
#define CLIENT_WHERE_H

#include <stdbool.h>

#include "client/endpoint.h"
#include "client/options.h"

struct where {
    char endpoint[ENDPOINT_MAX];
    int timeout_ms; /* how long to wait for the broker */
};

/* Finds the endpoint that a command needs; complains about what is none and returns false. */
bool where_find(const struct options *options, enum endpoint_kind kind, struct where *where);

/* True when this endpoint was given by itself, by option or variable. */
bool where_is_given(const struct options *options, enum endpoint_kind kind);

/* Complains about an error of opening a connection there; returns the exit code. */
int where_complain(const struct where *where, int error);

#endif
