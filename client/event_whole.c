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

/* The keys of a line of the log that are not the event's. */
static bool is_added(struct span key)
{
    static const char *const added[] = {"seq", "received", "prev", "producer", "n", "batch", "hash"};
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        if (span_is(key, added[i]))
            return true;
    }
    return false;
}

/* Whether it is a map that begins with seq, as the lines of the log do, and no event. */
static bool is_line_of_log(struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    uint32_t count;
    struct span key;
    return wire_read_map(&reader, &count) && count > 0 && wire_read_str(&reader, &key) && span_is(key, "seq");
}

/* Appends the members of a map that are the event's. */
static void put_event_members(struct text *out, struct span line)
{
    uint32_t count, kept = 0;
    struct wire_reader start = wire_reader_of(line);
    wire_read_map(&start, &count);
    for (int pass = 0; pass < 2; pass++) { /* the first one counts */
        struct wire_reader reader = start;
        if (pass == 1)
            wire_write_map(out, kept);
        for (uint32_t i = 0; i < count; i++) {
            const uint8_t *pair = reader.at;
            struct span key = {NULL, 0};
            wire_read_str(&reader, &key);
            wire_skip(&reader);
            if (is_added(key))
                continue;
            kept += pass == 0;
            if (pass == 1)
                text_put(out, pair, (size_t)(reader.at - pair));
        }
    }
}

static int read_object(struct tocsin_event *event, struct span json, struct json_fault *fault)
{
    struct text *value = &event->snapshot; /* free: the event comes as a whole */
    int error = json_read_value(json, JSON_DEPTH, value, fault);
    if (error)
        return error;
    if (is_line_of_log(text_span(value)))
        put_event_members(&event->bytes, text_span(value));
    else
        text_put(&event->bytes, value->data, value->len);
    return event->bytes.failed ? TOCSIN_E_NOMEM : TOCSIN_OK;
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
