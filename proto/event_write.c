#include "proto/event.h"

#include "proto/wire.h"

size_t event_topic(const struct event *event, char *out)
{
    size_t len = event->category.len;
    memcpy(out, event->category.data, len);
    out[len++] = '/';
    memcpy(out + len, event->source_id.data, event->source_id.len);
    return len + event->source_id.len;
}

void event_write_with_time(struct text *out, const struct event *event, struct span time)
{
    struct wire_reader reader = wire_reader_of(event->bytes);
    uint32_t pairs = 0;
    if (!wire_read_map(&reader, &pairs)) {
        out->failed = true;
        return;
    }
    wire_write_map(out, pairs + 1);
    text_put(out, reader.at, (size_t)(reader.end - reader.at));
    wire_write_str(out, span_of("time", 4));
    wire_write_str(out, time);
}
