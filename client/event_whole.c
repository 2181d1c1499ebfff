/* An event that comes as a whole: a JSON object, a line of the audit log, or MessagePack. */
#include <stdio.h>

#include "client/event_compose.h"
#include "client/tocsin.h"
#include "proto/json_read.h"
#include "proto/wire.h"

/* The snapshot may be nested TOCSIN_DEPTH_MAX deep; a few more, so that the judge has the word on what is deeper. */
#define JSON_DEPTH (TOCSIN_DEPTH_MAX + 8)

static void begin(struct tocsin_event *event)
{
    event_compose_clear(event);
    event->is_whole = true;
    text_clear(&event->bytes);
}

static int read_object(struct tocsin_event *event, struct span json, struct json_fault *fault)
{
    struct line line;
    if (json.len > 7 && memcmp(json.data, "{\"seq\":", 7) == 0 && line_read(json, &line) == TOCSIN_OK)
        return line_read_event(&line, &event->bytes, fault);
    return json_read_value(json, JSON_DEPTH, &event->bytes, fault);
}

int tocsin_event_from_json(struct tocsin_event *event, const char *text, size_t len, char *error, size_t size)
{
    if (error && size > 0)
        error[0] = '\0';
    if (!event || !text)
        return TOCSIN_E_INVALID;
    begin(event);
    struct json_fault fault = {0, ""};
    int failure = read_object(event, span_of(text, len), &fault);
    if (failure == TOCSIN_E_SYNTAX && error && size > 0)
        snprintf(error, size, "%zu: %s", fault.offset + 1, fault.reason);
    return failure ? event_compose_fail(event, failure) : TOCSIN_OK;
}

int tocsin_event_from_msgpack(struct tocsin_event *event, const void *bytes, size_t len)
{
    if (!event || !bytes)
        return TOCSIN_E_INVALID;
    begin(event);
    struct wire_reader reader = wire_reader_of(span_of(bytes, len));
    if (!wire_skip(&reader) || reader.at != reader.end)
        return event_compose_fail(event, TOCSIN_E_SYNTAX);
    text_put(&event->bytes, bytes, len);
    return event->bytes.failed ? event_compose_fail(event, TOCSIN_E_NOMEM) : TOCSIN_OK;
}
