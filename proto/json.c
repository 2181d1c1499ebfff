/* Room for all that a value can become is made once, before it is written: no byte of it becomes more than
 * JSON_PUT_GROWTH characters. Memory that was made room in and not written to costs nothing but addresses. */
#include "proto/json.h"

#include "proto/error.h"
#include "proto/event.h"
#include "proto/json_put.h"
#include "proto/number.h"
#include "proto/wire.h"

/* Deeper than any checked value: with the event's own map around it, and the frame around all. */
#define DEPTH_MAX (TOCSIN_DEPTH_MAX + 2)

static inline char *put_char(char *at, char byte)
{
    *at = byte;
    return at + 1;
}

static inline char *put_string(char *at, struct span utf8)
{
    return put_char(json_put_escaped(put_char(at, '"'), utf8), '"');
}

static char *put_scalar(char *at, const struct wire_token *token)
{
    switch (token->type) {
    case WIRE_STR:
        return put_string(at, token->as.bytes);
    case WIRE_BOOL:
        return token->as.boolean ? JSON_PUT_LITERAL(at, "true") : JSON_PUT_LITERAL(at, "false");
    case WIRE_UINT:
        return at + number_write_uint(at, token->as.u);
    case WIRE_INT:
        return at + number_write_int(at, token->as.i);
    case WIRE_FLOAT:
        return at + number_write_double(at, token->as.f);
    default:
        return JSON_PUT_LITERAL(at, "null");
    }
}

struct frame {
    uint32_t left; /* items or pairs still to come */
    bool is_map;
};

/* Behind each value stands a comma, until its container ends there. */
char *json_put_value(char *at, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct frame frames[DEPTH_MAX];
    struct frame *frame = frames; /* the innermost; the first one is around the value */
    *frame = (struct frame){1, false};
    for (;;) {
        while (frame->left == 0) {
            if (frame == frames)
                return at - 1;
            at[-1] = frame->is_map ? '}' : ']';
            at = put_char(at, ',');
            frame--;
        }
        frame->left--;
        struct wire_token token;
        if (frame->is_map) {
            if (wire_read(&reader, &token) != WIRE_STR)
                return at;
            at = put_char(put_string(at, token.as.bytes), ':');
        }
        switch (wire_read(&reader, &token)) {
        case WIRE_END:
            return at;
        case WIRE_ARRAY:
        case WIRE_MAP:
            at = put_char(at, token.type == WIRE_MAP ? '{' : '[');
            if (token.as.count == 0) /* the place of the comma that the closing brace takes */
                at = put_char(at, ',');
            if (++frame == frames + DEPTH_MAX)
                return at;
            *frame = (struct frame){token.as.count, token.type == WIRE_MAP};
            break;
        default:
            at = put_char(put_scalar(at, &token), ',');
        }
    }
}

size_t json_put_members_room(const struct event *event)
{
    /* a string's quotes are part of what stands around it here */
    size_t len = event->time.len + event->category.len + event->type.len + event->source_id.len + event->summary.len +
                 event->cause.len + event->snapshot.len;
    return JSON_PUT_GROWTH * len + 192 + JSON_PUT_EXTRA;
}

char *json_put_members(char *at, const struct event *event)
{
    /* time, level, category, type and cause hold no character that needs an escape */
    if (event->time.data) {
        at = json_put_plain(JSON_PUT_LITERAL(at, "\"time\":\""), event->time);
        at = JSON_PUT_LITERAL(at, "\",");
    }
    at = json_put_plain(JSON_PUT_LITERAL(at, "\"level\":\""), level_span(event->level));
    at = json_put_plain(JSON_PUT_LITERAL(at, "\",\"category\":\""), event->category);
    at = json_put_plain(JSON_PUT_LITERAL(at, "\",\"type\":\""), event->type);
    at = put_string(JSON_PUT_LITERAL(at, "\",\"sourceId\":"), event->source_id);
    at = put_string(JSON_PUT_LITERAL(at, ",\"summary\":"), event->summary);
    if (event->cause.data)
        at = put_char(json_put_plain(JSON_PUT_LITERAL(at, ",\"cause\":\""), event->cause), '"');
    if (event->snapshot.data)
        at = json_put_value(JSON_PUT_LITERAL(at, ",\"snapshot\":"), event->snapshot);
    return at;
}

static inline bool reserve_for(struct text *out, size_t len)
{
    return text_reserve(out, JSON_PUT_GROWTH * len + JSON_PUT_EXTRA);
}

static inline char *text_end(const struct text *out)
{
    return out->data + out->len;
}

static inline void set_end(struct text *out, const char *end)
{
    out->len = (size_t)(end - out->data);
}

void json_write_string(struct text *out, struct span utf8)
{
    if (reserve_for(out, utf8.len))
        set_end(out, put_string(text_end(out), utf8));
}

void json_write_value(struct text *out, struct span value)
{
    if (reserve_for(out, value.len))
        set_end(out, json_put_value(text_end(out), value));
}

void json_write_members(struct text *out, const struct event *event)
{
    if (text_reserve(out, json_put_members_room(event)))
        set_end(out, json_put_members(text_end(out), event));
}

void json_write_event(struct text *out, const struct event *event)
{
    if (!text_reserve(out, json_put_members_room(event) + 2))
        return;
    char *at = put_char(text_end(out), '{');
    set_end(out, put_char(json_put_members(at, event), '}'));
}
