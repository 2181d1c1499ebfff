#include "client/gateway/value.h"

struct span value_next(struct wire_reader *reader)
{
    const uint8_t *start = reader->at;
    wire_skip(reader);
    return span_of(start, (size_t)(reader->at - start));
}

struct span value_member(struct span map, const char *name)
{
    struct wire_reader reader = wire_reader_of(map);
    uint32_t count;
    if (!map.data || !wire_read_map(&reader, &count))
        return span_of(NULL, 0);
    for (uint32_t i = 0; i < count; i++) {
        struct span key = value_next(&reader), value = value_next(&reader);
        if (span_is(value_str(key), name))
            return value;
    }
    return span_of(NULL, 0);
}

struct span value_str(struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct span string = {NULL, 0};
    if (value.data)
        wire_read_str(&reader, &string);
    return string;
}
