/* ["reload"]: who may ask for it, and the answers when it is done. */
#include "broker/stream_internal.h"
#include "proto/wire.h"

static const char *forbids(struct stream *stream)
{
    if (!stream->key || stream->key->admin)
        return NULL;
    stats_add(&stream->options.stats->stream_denied, 1);
    guard_deny(&stream->guard, stream->options.door, "forbidden reload", &stream->message, span_of("", 0));
    return "this key is no admin's";
}

void stream_reload_ask(struct stream *stream, struct span route)
{
    const char *why = forbids(stream);
    if (why)
        stream_send_error(stream, route, "denied", why);
    else if (!stream->options.gate)
        stream_send_error(stream, route, "unavailable", "this broker was started without an access file");
    else if (stream->reload_count == STREAM_RELOADS_MAX)
        stream_send_error(stream, route, "busy", "too many are asking for that: try again later");
    else {
        struct stream_asker *asker = &stream->reloads[stream->reload_count++];
        asker->number = reload_ask(stream->options.reload);
        asker->route_len = route.len < sizeof asker->route ? route.len : sizeof asker->route; /* 255 at most */
        memcpy(asker->route, route.data, asker->route_len);
    }
}

/* True when the client has its answer, or is gone. */
static bool answer(struct stream *stream, const struct stream_asker *asker)
{
    struct reload_result result;
    if (!reload_take(stream->options.reload, asker->number, &result))
        return false;
    stream_write_verb(stream, 3, "reloaded");
    wire_write_uint(&stream->out, result.keys);
    wire_write_str(&stream->out, span_of_str(result.error));
    return stream_send(stream, span_of(asker->route, asker->route_len)) != STREAM_BLOCKED;
}

void stream_reload_go_on(struct stream *stream)
{
    size_t left = 0;
    for (size_t i = 0; i < stream->reload_count; i++) {
        if (!answer(stream, &stream->reloads[i]))
            stream->reloads[left++] = stream->reloads[i];
    }
    stream->reload_count = left;
}
