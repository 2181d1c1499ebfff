#include "broker/append_message.h"

#include <sodium.h>

#include "proto/error.h"

static bool is_name(struct span name)
{
    if (name.len == 0 || name.len > TOCSIN_PRODUCER_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        bool is_letter = (uint8_t)((c | 0x20) - 'a') < 26;
        bool is_digit = (uint8_t)(c - '0') < 10;
        if (!is_letter && !is_digit && c != '_' && c != '.' && c != '-')
            return false;
    }
    return true;
}

static enum append_verb read_hello(struct wire_reader *reader, uint32_t count, struct append_message *message)
{
    if (count < 2 || !wire_read_uint(reader, &message->version))
        return APPEND_BAD;
    if (message->version != 1)
        return APPEND_HELLO; /* what follows is that version's own */
    if (count != 4 || !wire_read_str(reader, &message->producer) || !is_name(message->producer) ||
        !wire_read_uint(reader, &message->incarnation))
        return APPEND_BAD;
    return APPEND_HELLO;
}

static enum append_verb read_put(struct wire_reader *reader, uint32_t count, struct append_message *message)
{
    if (count != 3 || !wire_read_uint(reader, &message->n) || message->n == 0 ||
        !wire_read_array(reader, &message->event_count))
        return APPEND_BAD;
    /* numbers never wrap */
    if (message->n > UINT64_MAX - message->event_count)
        return APPEND_BAD;
    message->events = *reader;
    return APPEND_PUT;
}

void append_message_read(struct span bytes, struct append_message *message)
{
    *message = (struct append_message){.verb = APPEND_BAD};
    struct wire_reader reader = wire_reader_of(bytes);
    uint32_t count;
    struct span verb;
    if (!wire_read_array(&reader, &count) || count == 0 || !wire_read_str(&reader, &verb))
        return;
    if (span_is(verb, "put"))
        message->verb = read_put(&reader, count, message);
    else if (span_is(verb, "hello"))
        message->verb = read_hello(&reader, count, message);
    else if (span_is(verb, "ping") && count == 1)
        message->verb = APPEND_PING;
    else if (span_is(verb, "pong") && count == 1)
        message->verb = APPEND_PONG;
    /* a put's events are still to come, and a hello of another version has what that wants */
    bool is_whole = message->verb == APPEND_PUT || (message->verb == APPEND_HELLO && message->version != 1) ||
                    reader.at == reader.end;
    if (!is_whole)
        message->verb = APPEND_BAD;
}

static void begin(struct text *out, uint32_t count, const char *verb)
{
    text_clear(out);
    wire_write_array(out, count);
    wire_write_str(out, span_of_str(verb));
}

void append_write_welcome(struct text *out, const char *log_id, uint64_t last_n, uint64_t window)
{
    begin(out, 5, "welcome");
    wire_write_uint(out, 1);
    wire_write_str(out, span_of_str(log_id));
    wire_write_uint(out, last_n);
    wire_write_uint(out, window);
}

void append_write_ack(struct text *out, uint64_t n, const struct producer_last *last)
{
    char hex[2 * PRODUCER_HASH_LEN + 1] = "";
    if (last)
        sodium_bin2hex(hex, sizeof hex, last->hash, sizeof last->hash);
    begin(out, 4, "ack");
    wire_write_uint(out, n);
    wire_write_uint(out, last ? last->seq : 0);
    wire_write_str(out, span_of_str(hex));
}

void append_write_nack(struct text *out, uint64_t n, const struct refusal *refusal)
{
    begin(out, 5, "nack");
    wire_write_uint(out, n);
    wire_write_str(out, span_of_str(refusal_word(refusal->code)));
    wire_write_str(out, refusal->field);
    wire_write_str(out, span_of_str(refusal_text(refusal->code)));
}

void append_write_denied(struct text *out, uint64_t n, const char *field)
{
    begin(out, 5, "nack");
    wire_write_uint(out, n);
    wire_write_str(out, span_of_str("denied"));
    wire_write_str(out, span_of_str(field));
    wire_write_str(out, span_of_str("is not allowed for this key"));
}

void append_write_error(struct text *out, const char *code, const char *text)
{
    begin(out, 3, "error");
    wire_write_str(out, span_of_str(code));
    wire_write_str(out, span_of_str(text));
}

void append_write_verb(struct text *out, const char *verb)
{
    begin(out, 1, verb);
}
