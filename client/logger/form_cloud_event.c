/* CloudEvents 1.0, structured JSON. id is the log and the place in it, so that what comes twice has the same; source is
 * a URI: tocsin://LOG_ID/CATEGORY/SOURCE, what is no letter, digit or - . _ ~ / as %XX. */
#include "client/logger/log_form.h"
#include "proto/json.h"
#include "proto/rfc3339.h"

static bool is_unreserved(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte && strchr("-._~/", byte));
}

static void put_escaped(struct text *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_unreserved(text.data[i]))
            text_put_char(out, (char)text.data[i]);
        else
            text_printf(out, "%%%02X", text.data[i]);
    }
}

static void put_string(struct text *out, const char *name, struct span text)
{
    text_printf(out, ",\"%s\":", name);
    json_write_string(out, text);
}

void form_cloud_event_write(struct text *out, const struct log_event *log_event)
{
    const struct record *record = &log_event->record;
    const struct event *event = &record->event;
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, record->received_us);
    text_printf(out, "{\"specversion\":\"1.0\",\"id\":\"%s-%llu\",\"source\":\"tocsin://%s/", log_event->log_id,
                (unsigned long long)record->seq, log_event->log_id);
    put_escaped(out, event->category);
    text_put_char(out, '/');
    put_escaped(out, event->source_id);
    text_put_str(out, "\",\"type\":\"tocsin.");
    text_put(out, event->category.data, event->category.len); /* tokens need no escapes */
    text_put_char(out, '.');
    text_put(out, event->type.data, event->type.len);
    text_put_char(out, '"');
    put_string(out, "subject", event->source_id);
    put_string(out, "time", event->time.data ? event->time : span_of(received, sizeof received));
    put_string(out, "level", span_of_str(tocsin_level_word(event->level)));
    text_printf(out, ",\"sequence\":\"%020llu\",\"datacontenttype\":\"application/json\",\"data\":",
                (unsigned long long)record->seq);
    json_write_event(out, event);
    text_put_char(out, '}');
}
