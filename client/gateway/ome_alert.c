#include "client/gateway/ome_alert.h"

#include <string.h>

#include "client/gateway/ome_text.h"
#include "client/gateway/value.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define DEPTH_MAX    (TOCSIN_DEPTH_MAX + 8)
#define MESSAGES_MAX 64 /* there are about thirty codes */

void ome_alert_init(struct ome_alert *alert)
{
    *alert = (struct ome_alert){.count = 0};
    text_init(&alert->value);
}

void ome_alert_fini(struct ome_alert *alert)
{
    text_fini(&alert->value);
}

/* The message at `index`; the reader is behind the head of the array. */
static struct span message_at(const struct ome_alert *alert, uint32_t index)
{
    struct wire_reader reader = wire_reader_of(alert->messages);
    struct span message = {NULL, 0};
    uint32_t count;
    wire_read_array(&reader, &count);
    for (uint32_t i = 0; i <= index; i++)
        message = value_next(&reader);
    return message;
}

static struct span text_of(struct span value, const char *key)
{
    return value_str(value_member(value, key));
}

const char *ome_alert_read(struct ome_alert *alert, struct span body)
{
    struct json_fault fault = {0, "out of memory"};
    text_clear(&alert->value);
    if (json_read_value(body, DEPTH_MAX, &alert->value, &fault) != TOCSIN_OK)
        return fault.reason;
    struct span value = text_span(&alert->value);
    alert->messages = value_member(value, "messages");
    struct wire_reader reader = wire_reader_of(alert->messages);
    if (!alert->messages.data || !wire_read_array(&reader, &alert->count) || alert->count == 0)
        return "it has no messages";
    if (alert->count > MESSAGES_MAX)
        return "it has too many messages";
    for (uint32_t i = 0; i < alert->count; i++) {
        if (text_of(message_at(alert, i), "code").len == 0)
            return "a message has no code";
    }
    alert->kind = text_of(value, "type");
    alert->source_id = text_of(value, "sourceUri");
    if (alert->source_id.len == 0)
        alert->source_id = text_of(value_member(value, "serverInfo"), "serverID");
    if (alert->source_id.len == 0)
        alert->source_id = alert->kind;
    return alert->source_id.len == 0 ? "nothing tells whose it is" : NULL;
}

static bool ends_with(struct span text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

/* Codes are many and become more: how they are made up tells how bad it is. */
static const char *level_of(struct span code)
{
    static const char *const good[] = {"_CREATED", "_PREPARED", "_DELETED", "_READY"};
    if (memmem(code.data, code.len, "_FAILED", strlen("_FAILED")))
        return "Error";
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (ends_with(code, good[i]))
            return "Info";
    }
    return span_is(code, "OK") ? "Info" : "Warning";
}

static void put_pair(struct text *out, const char *key, struct span text)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, text);
}

static void put_line(struct text *out, const char *key, struct span text)
{
    struct text line;
    text_init(&line);
    ome_text_put_line(&line, text, TOCSIN_SUMMARY_MAX);
    put_pair(out, key, text_span(&line));
    out->failed |= line.failed;
    text_fini(&line);
}

/* What the alert holds besides its messages, and the codes of all of them: they are all that is the matter now. */
static void put_snapshot(const struct ome_alert *alert, struct text *out)
{
    struct wire_reader reader = wire_reader_of(text_span(&alert->value));
    uint32_t count = 0;
    wire_read_map(&reader, &count);
    wire_write_map(out, count); /* codes stand for messages */
    for (uint32_t i = 0; i < count; i++) {
        struct span key = value_str(value_next(&reader)), value = value_next(&reader);
        if (span_is(key, "messages"))
            continue;
        wire_write_str(out, key);
        ome_text_put_clean(out, value);
    }
    wire_write_str(out, span_of_str("codes"));
    wire_write_array(out, alert->count);
    for (uint32_t i = 0; i < alert->count; i++)
        wire_write_str(out, text_of(message_at(alert, i), "code"));
}

void ome_alert_put(const struct ome_alert *alert, uint32_t index, struct span time, struct text *out)
{
    struct span message = message_at(alert, index);
    struct span code = text_of(message, "code"), description = text_of(message, "description");
    wire_write_map(out, 7U + (alert->kind.len > 0));
    put_pair(out, "time", time);
    put_pair(out, "level", span_of_str(level_of(code)));
    put_pair(out, "category", span_of_str("AlertEvent"));
    put_pair(out, "type", code);
    put_line(out, "sourceId", alert->source_id);
    put_line(out, "summary", description);
    if (alert->kind.len > 0)
        put_pair(out, "cause", alert->kind);
    wire_write_str(out, span_of_str("snapshot"));
    put_snapshot(alert, out);
}
