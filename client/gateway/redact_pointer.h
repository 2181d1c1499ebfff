/* JSON pointers (RFC 6901) against the place of a value. Pure. */
#ifndef CLIENT_GATEWAY_REDACT_POINTER_H
#define CLIENT_GATEWAY_REDACT_POINTER_H

#include "proto/span.h"
#include "proto/tocsin_base.h"

/* A container on the way to a value: the member's name, or its number. */
struct redact_step {
    struct span key; /* of a map */
    uint32_t index;  /* in both */
    uint32_t count;  /* members */
    bool is_map;
};

struct redact_path {
    unsigned depth;
    struct redact_step steps[TOCSIN_DEPTH_MAX];
};

/* True when `pointer`, which begins with a slash, names the value at `path`. */
bool redact_pointer_is(const char *pointer, const struct redact_path *path);

#endif
