/* The messages of the append door, taken apart and composed (PROTOCOL.md section 4.2). */
#ifndef BROKER_APPEND_MESSAGE_H
#define BROKER_APPEND_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/producers.h"
#include "proto/event.h"
#include "proto/text.h"
#include "proto/wire.h"

enum append_verb { APPEND_HELLO, APPEND_PUT, APPEND_PING, APPEND_PONG, APPEND_BAD };

struct append_message {
    enum append_verb verb;
    uint64_t version;          /* hello */
    struct span producer;      /* hello: a good name */
    uint64_t incarnation;      /* hello */
    uint64_t n;                /* put: number of the first event, from 1 */
    uint32_t event_count;      /* put */
    struct wire_reader events; /* put: stands at the first */
};

/* Takes a client's message apart; APPEND_BAD when it is none. A hello of another version has but that. */
void append_message_read(struct span bytes, struct append_message *message);

/* Compose the broker's messages in `out` (cleared before). */
void append_write_welcome(struct text *out, const char *log_id, uint64_t last_n, uint64_t window);
void append_write_ack(struct text *out, uint64_t n, const struct producer_last *last); /* NULL: no longer known */
void append_write_nack(struct text *out, uint64_t n, const struct refusal *refusal);
/* A nack of an event that is not allowed. */
void append_write_denied(struct text *out, uint64_t n, const char *field);
void append_write_error(struct text *out, const char *code, const char *text);
void append_write_verb(struct text *out, const char *verb);

#endif
