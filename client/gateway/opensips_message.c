#include "client/gateway/opensips_message.h"

#include "client/gateway/json_repair.h"
#include "client/gateway/value.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

/* Parameters may be nested as deep as a snapshot, in the object around them; a few more for the judge to refuse. */
#define DEPTH_MAX (TOCSIN_DEPTH_MAX + 8)

void opensips_room_fini(struct opensips_room *room)
{
    text_fini(&room->value);
    text_fini(&room->characters);
    text_fini(&room->names);
}

static int read_json(struct span json, struct opensips_room *room, struct json_fault *fault)
{
    text_clear(&room->value);
    return json_read_value(json, DEPTH_MAX, &room->value, fault);
}

/* First as it is, for nearly all are good; then with its characters repaired, then its names. U+0000 as an escape is good
 * JSON, and no event's. */
static int read_repaired(struct span json, struct opensips_room *room, struct json_fault *fault, bool *is_repaired)
{
    bool has_nul = memmem(json.data, json.len, "\\u0000", 6) != NULL;
    int error = has_nul ? TOCSIN_E_SYNTAX : read_json(json, room, fault);
    *is_repaired = error == TOCSIN_E_SYNTAX;
    if (error == TOCSIN_E_SYNTAX) {
        text_clear(&room->characters);
        json_repair_characters(json, &room->characters);
        error = room->characters.failed ? TOCSIN_E_NOMEM : read_json(text_span(&room->characters), room, fault);
    }
    if (error == TOCSIN_E_SYNTAX) {
        text_clear(&room->names);
        json_repair_names(text_span(&room->characters), &room->names);
        error = room->names.failed ? TOCSIN_E_NOMEM : read_json(text_span(&room->names), room, fault);
    }
    return error;
}

static bool is_nil(struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct wire_token token;
    return wire_read(&reader, &token) == WIRE_NIL;
}

static int refuse(struct json_fault *fault, const char *reason)
{
    *fault = (struct json_fault){0, reason};
    return TOCSIN_E_SYNTAX;
}

int opensips_message_read(struct span json, struct opensips_room *room, struct opensips_message *message,
                          struct json_fault *fault)
{
    *message = (struct opensips_message){.method = {NULL, 0}};
    int error = read_repaired(json, room, fault, &message->is_repaired);
    if (error)
        return error;
    struct wire_reader reader = wire_reader_of(text_span(&room->value));
    uint32_t count;
    if (!wire_read_map(&reader, &count))
        return refuse(fault, "it is no object");
    for (uint32_t i = 0; i < count; i++) {
        struct span key = value_str(value_next(&reader)), value = value_next(&reader);
        if (span_is(key, "method"))
            message->method = value_str(value);
        else if (span_is(key, "params"))
            message->params = value;
        else if (span_is(key, "id") && !is_nil(value))
            message->id = value;
    }
    return message->method.data ? TOCSIN_OK : refuse(fault, "it has no method");
}

struct span opensips_message_param(const struct opensips_message *message, const char *name)
{
    return value_member(message->params, name);
}
