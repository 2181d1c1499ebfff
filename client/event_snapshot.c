/* The snapshot of an event, built value by value. A small stack knows what may come next, so that a call out of place
 * is told where it is made. */
#include "client/event_compose.h"
#include "client/tocsin.h"
#include "proto/json_read.h"
#include "proto/wire.h"

/* A few more than an event may have, so that the judge has the word on what is deeper. */
#define JSON_DEPTH (TOCSIN_DEPTH_MAX + 8)

static struct open_container *innermost(struct tocsin_event *event)
{
    return event->depth > 0 ? &event->open[event->depth - 1] : NULL;
}

/* Whether a value may stand here; notes that there is a snapshot. */
static int begin_value(struct tocsin_event *event)
{
    if (!event)
        return TOCSIN_E_INVALID;
    if (event->error)
        return event->error;
    struct open_container *container = innermost(event);
    bool is_expected = container ? !container->is_map || container->left % 2 == 1 : !event->has_snapshot;
    if (event->is_whole || !is_expected)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    event->has_snapshot = true;
    event->is_encoded = false;
    return TOCSIN_OK;
}

/* A value or a key is complete, and so may be containers around it. */
static int end_value(struct tocsin_event *event)
{
    if (event->snapshot.failed)
        return event_compose_fail(event, TOCSIN_E_NOMEM);
    if (event->depth > 0)
        event->open[event->depth - 1].left--;
    while (event->depth > 0 && event->open[event->depth - 1].left == 0) {
        event->depth--;
        if (event->depth > 0)
            event->open[event->depth - 1].left--;
    }
    return TOCSIN_OK;
}

static int begin_container(struct tocsin_event *event, uint32_t count, bool is_map)
{
    int error = begin_value(event);
    if (error)
        return error;
    if (event->depth == TOCSIN_DEPTH_MAX)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    if (is_map)
        wire_write_map(&event->snapshot, count);
    else
        wire_write_array(&event->snapshot, count);
    if (count == 0)
        return end_value(event);
    event->open[event->depth++] = (struct open_container){is_map ? 2 * (uint64_t)count : count, is_map};
    return event->snapshot.failed ? event_compose_fail(event, TOCSIN_E_NOMEM) : TOCSIN_OK;
}

int tocsin_event_map_begin(struct tocsin_event *event, uint32_t pairs)
{
    return begin_container(event, pairs, true);
}

int tocsin_event_array_begin(struct tocsin_event *event, uint32_t count)
{
    return begin_container(event, count, false);
}

int tocsin_event_key(struct tocsin_event *event, const char *key)
{
    if (!event)
        return TOCSIN_E_INVALID;
    if (event->error)
        return event->error;
    struct open_container *container = innermost(event);
    if (!key || !container || !container->is_map || container->left % 2 == 1)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    wire_write_str(&event->snapshot, span_of_str(key));
    return end_value(event);
}

int tocsin_event_strn(struct tocsin_event *event, const char *value, size_t len)
{
    int error = begin_value(event);
    if (error)
        return error;
    if (!value)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    wire_write_str(&event->snapshot, span_of(value, len));
    return end_value(event);
}

int tocsin_event_str(struct tocsin_event *event, const char *value)
{
    return tocsin_event_strn(event, value, value ? strlen(value) : 0);
}

int tocsin_event_int(struct tocsin_event *event, int64_t value)
{
    int error = begin_value(event);
    if (error)
        return error;
    wire_write_int(&event->snapshot, value);
    return end_value(event);
}

int tocsin_event_uint(struct tocsin_event *event, uint64_t value)
{
    int error = begin_value(event);
    if (error)
        return error;
    wire_write_uint(&event->snapshot, value);
    return end_value(event);
}

int tocsin_event_bool(struct tocsin_event *event, bool value)
{
    int error = begin_value(event);
    if (error)
        return error;
    wire_write_bool(&event->snapshot, value);
    return end_value(event);
}

int tocsin_event_double(struct tocsin_event *event, double value)
{
    int error = begin_value(event);
    if (error)
        return error;
    wire_write_double(&event->snapshot, value);
    return end_value(event);
}

int tocsin_event_nil(struct tocsin_event *event)
{
    int error = begin_value(event);
    if (error)
        return error;
    wire_write_nil(&event->snapshot);
    return end_value(event);
}

int tocsin_event_snapshot_msgpack(struct tocsin_event *event, const void *bytes, size_t len)
{
    int error = begin_value(event);
    if (error)
        return error;
    if (!bytes)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    struct wire_reader reader = wire_reader_of(span_of(bytes, len));
    if (!wire_skip(&reader) || reader.at != reader.end)
        return event_compose_fail(event, TOCSIN_E_SYNTAX);
    text_put(&event->snapshot, bytes, len);
    return end_value(event);
}

int tocsin_event_snapshot_json(struct tocsin_event *event, const char *text)
{
    int error = begin_value(event);
    if (error)
        return error;
    if (!text)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    error = json_read_value(span_of_str(text), JSON_DEPTH, &event->snapshot, NULL);
    return error ? event_compose_fail(event, error) : end_value(event);
}
