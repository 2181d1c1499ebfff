/* The events that are remembered of alerts: bounded, however large they are. */
#include <stdlib.h>

#include "client/alert/engine_inner.h"
#include "proto/wire.h"

/* The event without its snapshot, in engine->rest; absent where that cannot be. */
static struct span without_snapshot(struct engine *engine, struct span event)
{
    struct wire_reader reader = wire_reader_of(event);
    uint32_t count;
    struct span key;
    text_clear(&engine->rest);
    if (!wire_read_map(&reader, &count) || count == 0)
        return span_of(NULL, 0);
    wire_write_map(&engine->rest, count - 1);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *begin = reader.at;
        if (!wire_read_str(&reader, &key) || !wire_skip(&reader))
            return span_of(NULL, 0);
        if (!span_is(key, "snapshot"))
            text_put(&engine->rest, begin, (size_t)(reader.at - begin));
    }
    return engine->rest.failed ? span_of(NULL, 0) : text_span(&engine->rest);
}

static void forget(struct engine *engine, struct group *group)
{
    engine->event_bytes -= group->event_len;
    free(group->event);
    group->event = NULL;
    group->event_len = 0;
}

void engine_keep_event(struct engine *engine, struct group *group, const struct tocsin_message *message)
{
    forget(engine, group);
    group->seq = message ? message->seq : 0;
    if (!message)
        return;
    struct span event = span_of(message->event.data, message->event.len);
    bool is_large = event.len > ENGINE_EVENT_MAX || engine->event_bytes + event.len > ENGINE_EVENTS_MAX;
    if (is_large && message->snapshot.data)
        event = without_snapshot(engine, event);
    uint8_t *copy = event.len > 0 ? malloc(event.len) : NULL;
    if (!copy)
        return; /* the alert is told without it */
    memcpy(copy, event.data, event.len);
    group->event = copy;
    group->event_len = (uint32_t)event.len;
    engine->event_bytes += event.len;
}
