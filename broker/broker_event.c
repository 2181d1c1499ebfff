#include "broker/broker_event.h"

#include "proto/error.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

static void put_text(struct text *out, const char *text)
{
    wire_write_str(out, span_of_str(text));
}

void broker_event_put_str(struct text *out, const char *key, const char *value)
{
    put_text(out, key);
    put_text(out, value);
}

void broker_event_put_uint(struct text *out, const char *key, uint64_t value)
{
    put_text(out, key);
    wire_write_uint(out, value);
}

void broker_event_put_int(struct text *out, const char *key, int64_t value)
{
    put_text(out, key);
    wire_write_int(out, value);
}

void broker_event_begin(struct text *out, const char *name, enum tocsin_level level, const char *type,
                        const char *summary, uint64_t time_us)
{
    text_clear(out);
    wire_write_map(out, time_us > 0 ? 7 : 6);
    if (time_us > 0) {
        char time[RFC3339_US_LEN];
        rfc3339_write_us(time, time_us);
        put_text(out, "time");
        wire_write_str(out, span_of(time, sizeof time));
    }
    broker_event_put_str(out, "level", level_word(level));
    broker_event_put_str(out, "category", "BrokerEvent");
    broker_event_put_str(out, "type", type);
    broker_event_put_str(out, "sourceId", name);
    broker_event_put_str(out, "summary", summary);
    put_text(out, "snapshot");
}
