/* key=value pairs. A value that could be mistaken is quoted as JSON. */
#include "client/logger/log_form.h"
#include "proto/json.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

static bool is_plain(uint8_t byte)
{
    return byte > ' ' && byte < 0x7f && byte != '=' && byte != '"' && byte != '\\';
}

static void put_value(struct text *out, struct span value)
{
    bool needs_quotes = value.len == 0;
    for (size_t i = 0; i < value.len && !needs_quotes; i++)
        needs_quotes = !is_plain(value.data[i]);
    if (needs_quotes)
        json_write_string(out, value);
    else
        text_put(out, value.data, value.len);
}

static void put(struct text *out, const char *key, struct span value)
{
    text_put_str(out, key);
    text_put_char(out, '=');
    put_value(out, value);
}

/* What cannot stand in a key becomes '_'. */
static void put_key(struct text *out, struct span key)
{
    text_put_str(out, " snapshot.");
    for (size_t i = 0; i < key.len; i++)
        text_put_char(out, is_plain(key.data[i]) ? (char)key.data[i] : '_');
    text_put_char(out, '=');
}

/* A string as it is, all else as JSON. */
static void put_json(struct text *out, struct wire_reader *reader)
{
    struct wire_reader begin = *reader;
    struct span text;
    if (wire_read_str(reader, &text)) {
        put_value(out, text);
        return;
    }
    if (!wire_skip(reader))
        return;
    struct text json;
    text_init(&json);
    json_write_value(&json, span_of(begin.at, (size_t)(reader->at - begin.at)));
    put_value(out, text_span(&json));
    out->failed |= json.failed;
    text_fini(&json);
}

static void put_snapshot(struct text *out, struct span snapshot)
{
    struct wire_reader reader = wire_reader_of(snapshot);
    struct span key;
    uint32_t count;
    if (!wire_read_map(&reader, &count)) {
        text_put_str(out, " snapshot=");
        put_json(out, &reader);
        return;
    }
    for (uint32_t i = 0; i < count && wire_read_str(&reader, &key); i++) {
        put_key(out, key);
        put_json(out, &reader);
    }
}

void form_logfmt_write(struct text *out, const struct record *record)
{
    const struct event *event = &record->event;
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, record->received_us);
    put(out, "time", event->time.data ? event->time : span_of(received, sizeof received));
    put(out, " level", span_of_str(tocsin_level_word(event->level)));
    put(out, " category", event->category);
    put(out, " type", event->type);
    put(out, " source", event->source_id);
    put(out, " summary", event->summary);
    if (event->cause.data)
        put(out, " cause", event->cause);
    text_printf(out, " seq=%llu", (unsigned long long)record->seq);
    put(out, " received", span_of(received, sizeof received));
    if (event->snapshot.data)
        put_snapshot(out, event->snapshot);
}
