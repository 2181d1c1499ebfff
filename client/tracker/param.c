#include "client/tracker/param.h"

#include "proto/wire.h"

static bool find(struct span snapshot, const char *name, struct wire_reader *reader)
{
    struct span key, wanted = span_of_str(name);
    uint32_t count;
    *reader = wire_reader_of(snapshot);
    if (!snapshot.data || !wire_read_map(reader, &count))
        return false;
    for (uint32_t i = 0; i < count && wire_read_str(reader, &key); i++) {
        if (span_equals(key, wanted))
            return true;
        if (!wire_skip(reader))
            return false;
    }
    return false;
}

bool param_str(struct span snapshot, const char *name, struct span *value)
{
    struct wire_reader reader;
    return find(snapshot, name, &reader) && wire_read_str(&reader, value);
}

bool param_int(struct span snapshot, const char *name, int64_t *value)
{
    struct wire_reader reader;
    struct wire_token token;
    if (!find(snapshot, name, &reader))
        return false;
    wire_read(&reader, &token);
    if (token.type == WIRE_INT)
        *value = token.as.i;
    else if (token.type == WIRE_UINT && token.as.u <= INT64_MAX)
        *value = (int64_t)token.as.u;
    else
        return false;
    return true;
}

bool param_bool(struct span snapshot, const char *name, bool *value)
{
    struct wire_reader reader;
    struct wire_token token;
    if (!find(snapshot, name, &reader) || wire_read(&reader, &token) != WIRE_BOOL)
        return false;
    *value = token.as.boolean;
    return true;
}

bool param_has(struct span snapshot, const char *name)
{
    struct wire_reader reader;
    return find(snapshot, name, &reader);
}
