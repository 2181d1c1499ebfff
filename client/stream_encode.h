/* What a client says at the stream door (PROTOCOL.md section 4.3), as bytes. Pure. Each replaces what is in `out`;
 * failure sticks in out->failed. */
#ifndef CLIENT_STREAM_ENCODE_H
#define CLIENT_STREAM_ENCODE_H

#include "client/filter.h"
#include "client/tocsin_stream.h"
#include "proto/text.h"

/* What a broker takes in one message; what goes beyond is sorted out on this side. */
#define STREAM_PREFIXES_MAX 1000
#define STREAM_TYPES_MAX    256

struct stream_terms {
    enum tocsin_from from;
    uint64_t from_value;
    const struct filter_set *filters;
    char *const *types;
    size_t type_count;
    enum tocsin_level min_level;
    bool latest;
    bool follow;
};

void stream_encode_open(struct text *out, const struct stream_terms *terms);
void stream_encode_credit(struct text *out, uint64_t bytes);
void stream_encode_latest(struct text *out, const struct filter_set *filters);

/* A message of a verb alone: close, ping, pong, info, reload. */
void stream_encode_verb(struct text *out, const char *verb);

#endif
