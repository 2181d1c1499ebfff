/* Members of a snapshot, by name. Pure. */
#ifndef CLIENT_TRACKER_PARAM_H
#define CLIENT_TRACKER_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

/* False where the snapshot is no map, or has no such member of that type; *value is left alone then. */
bool param_str(struct span snapshot, const char *name, struct span *value);
bool param_bool(struct span snapshot, const char *name, bool *value);
bool param_int(struct span snapshot, const char *name, int64_t *value);

/* Whether there is such a member, of any type. */
bool param_has(struct span snapshot, const char *name);

#endif
