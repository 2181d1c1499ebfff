/* Members of MessagePack values of known shape. Pure. */
#ifndef CLIENT_GATEWAY_VALUE_H
#define CLIENT_GATEWAY_VALUE_H

#include "proto/span.h"
#include "proto/wire.h"

/* Steps over one value and returns it. */
struct span value_next(struct wire_reader *reader);

/* The member of a map, one value; data NULL: there is none, or `map` is none. */
struct span value_member(struct span map, const char *name);

/* The content of a string; data NULL: it is none. */
struct span value_str(struct span value);

#endif
