/* A log record of OTLP/HTTP in its JSON encoding: times and 64-bit integers are strings there. */
#include "client/logger/log_form.h"
#include "proto/json.h"
#include "proto/number.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

/* As OpenTelemetry numbers them. */
static const int severities[TOCSIN_LEVEL_COUNT] = {
    [TOCSIN_LEVEL_TRACE] = 1,    [TOCSIN_LEVEL_DEBUG] = 5,  [TOCSIN_LEVEL_INFO] = 9,
    [TOCSIN_LEVEL_WARNING] = 13, [TOCSIN_LEVEL_ERROR] = 17,
};

static void put_string(struct text *out, struct span text)
{
    text_put_str(out, "{\"stringValue\":");
    json_write_string(out, text);
    text_put_char(out, '}');
}

static void put_value(struct text *out, struct wire_reader *reader);

static void put_list(struct text *out, struct wire_reader *reader, uint32_t count)
{
    text_put_str(out, "{\"arrayValue\":{\"values\":[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_value(out, reader);
    }
    text_put_str(out, "]}}");
}

static void put_map(struct text *out, struct wire_reader *reader, uint32_t count)
{
    struct span key;
    text_put_str(out, "{\"kvlistValue\":{\"values\":[");
    for (uint32_t i = 0; i < count && wire_read_str(reader, &key); i++) {
        text_put_str(out, i > 0 ? ",{\"key\":" : "{\"key\":");
        json_write_string(out, key);
        text_put_str(out, ",\"value\":");
        put_value(out, reader);
        text_put_char(out, '}');
    }
    text_put_str(out, "]}}");
}

/* What is no int64 is a string, rather than a number that is not the same. */
static void put_integer(struct text *out, const struct wire_token *token)
{
    char digits[NUMBER_TEXT_MAX];
    bool is_negative = token->type == WIRE_INT;
    size_t len = is_negative ? number_write_int(digits, token->as.i) : number_write_uint(digits, token->as.u);
    text_put_str(out, is_negative || token->as.u <= INT64_MAX ? "{\"intValue\":\"" : "{\"stringValue\":\"");
    text_put(out, digits, len);
    text_put_str(out, "\"}");
}

/* A value that has passed the judge: at most 32 deep. */
static void put_value(struct text *out, struct wire_reader *reader)
{
    struct wire_token token;
    char digits[NUMBER_TEXT_MAX];
    switch (wire_read(reader, &token)) {
    case WIRE_BOOL:
        text_printf(out, "{\"boolValue\":%s}", token.as.boolean ? "true" : "false");
        break;
    case WIRE_UINT:
    case WIRE_INT:
        put_integer(out, &token);
        break;
    case WIRE_FLOAT:
        text_put_str(out, "{\"doubleValue\":");
        text_put(out, digits, number_write_double(digits, token.as.f));
        text_put_char(out, '}');
        break;
    case WIRE_STR:
        put_string(out, token.as.bytes);
        break;
    case WIRE_ARRAY:
        put_list(out, reader, token.as.count);
        break;
    case WIRE_MAP:
        put_map(out, reader, token.as.count);
        break;
    default:
        text_put_str(out, "{}");
    }
}

static void put_attribute(struct text *out, const char *key, struct span text)
{
    text_printf(out, ",{\"key\":\"%s\",\"value\":", key);
    put_string(out, text);
    text_put_char(out, '}');
}

static uint64_t time_ns(const struct record *record)
{
    struct rfc3339 time;
    if (!record->event.time.data || !rfc3339_read(record->event.time, &time) || time.seconds < 0 ||
        time.seconds > INT64_MAX / 1000000000 - 1)
        return record->received_us * 1000;
    return (uint64_t)time.seconds * 1000000000 + time.nanoseconds;
}

void form_otlp_write(struct text *out, const struct log_event *log_event)
{
    const struct record *record = &log_event->record;
    const struct event *event = &record->event;
    text_printf(out, "{\"timeUnixNano\":\"%llu\",\"observedTimeUnixNano\":\"%llu000\",\"severityNumber\":%d",
                (unsigned long long)time_ns(record), (unsigned long long)record->received_us, severities[event->level]);
    text_printf(out, ",\"severityText\":\"%s\",\"eventName\":", tocsin_level_word(event->level));
    json_write_string(out, event->type);
    text_put_str(out, ",\"body\":");
    put_string(out, event->summary);
    text_printf(out, ",\"attributes\":[{\"key\":\"tocsin.seq\",\"value\":{\"intValue\":\"%llu\"}}",
                (unsigned long long)record->seq);
    put_attribute(out, "tocsin.log_id", span_of_str(log_event->log_id));
    put_attribute(out, "tocsin.category", event->category);
    put_attribute(out, "tocsin.type", event->type);
    put_attribute(out, "tocsin.source_id", event->source_id);
    if (event->cause.data)
        put_attribute(out, "tocsin.cause", event->cause);
    if (event->snapshot.data) {
        struct wire_reader reader = wire_reader_of(event->snapshot);
        text_put_str(out, ",{\"key\":\"tocsin.snapshot\",\"value\":");
        put_value(out, &reader);
        text_put_char(out, '}');
    }
    text_put_str(out, "]}");
}
