/* A message of OpenSIPS's event interface: a JSON-RPC request or notification, taken apart. Pure. */
#ifndef CLIENT_GATEWAY_OPENSIPS_MESSAGE_H
#define CLIENT_GATEWAY_OPENSIPS_MESSAGE_H

#include "proto/json_read.h"
#include "proto/span.h"
#include "proto/text.h"

/* Spans point into the text that it was read into. */
struct opensips_message {
    struct span method; /* the string's content */
    struct span params; /* one MessagePack value; data NULL: absent */
    struct span id;     /* as params; absent also where it is null: nobody waits for an answer */
    bool is_repaired;   /* it was no JSON, and is now */
};

/* Room for reading, kept from message to message. */
struct opensips_room {
    struct text value;
    struct text characters;
    struct text names;
};
void opensips_room_fini(struct opensips_room *room);

/* Reads one document, repairing what can be (json_repair.h). 0, TOCSIN_E_NOMEM, or TOCSIN_E_SYNTAX: `fault` tells why,
 * and `message->id` is set where there was one. */
int opensips_message_read(struct span json, struct opensips_room *room, struct opensips_message *message,
                          struct json_fault *fault);

/* The parameter of that name, one MessagePack value; data NULL: there is none, or the parameters have no names. */
struct span opensips_message_param(const struct opensips_message *message, const char *name);

#endif
