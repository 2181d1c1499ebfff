#include "client/gateway/opensips_event.h"

#include <string.h>

#include "client/gateway/opensips_summary.h"
#include "client/gateway/plain.h"
#include "client/gateway/value.h"
#include "proto/tocsin_base.h"
#include "proto/utf8.h"
#include "proto/wire.h"

enum level_rule { RULE_INFO, RULE_WARNING, RULE_STATUS, RULE_LOG };

struct known {
    const char *name;
    enum level_rule rule;
    const char *source_parts[2];
    const char *summary;
};

static const struct known known_events[] = {
#define OPENSIPS_EVENT(name, rule, first, second, summary) {(name), RULE_##rule, {(first), (second)}, (summary)},
#include "client/gateway/opensips_event.def"
#undef OPENSIPS_EVENT
};

static const struct known other = {"", RULE_INFO, {NULL, NULL}, NULL};
static const struct known other_threshold = {"", RULE_WARNING, {NULL, NULL}, NULL};

void opensips_texts_fini(struct opensips_texts *texts)
{
    text_fini(&texts->type);
    text_fini(&texts->source_id);
    text_fini(&texts->line);
    text_fini(&texts->summary);
}

static bool ends_with(struct span text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static const struct known *find(struct span method)
{
    for (size_t i = 0; i < sizeof known_events / sizeof *known_events; i++) {
        if (span_is(method, known_events[i].name))
            return &known_events[i];
    }
    return ends_with(method, "_THRESHOLD") ? &other_threshold : &other;
}

/* A status: an integer, and whether it is below 0. */
static bool read_status(const struct opensips_message *message, const char *name, bool *is_negative)
{
    struct span value = opensips_message_param(message, name);
    struct wire_reader reader = wire_reader_of(value);
    struct wire_token token;
    enum wire_type type = value.data ? wire_read(&reader, &token) : WIRE_END;
    *is_negative = type == WIRE_INT;
    return type == WIRE_INT || type == WIRE_UINT;
}

/* Only the sign is the same for all groups: below 0 is not ready. What is no number was made up by somebody. */
static enum tocsin_level level_of_status(const struct opensips_message *message)
{
    bool is_down, was_down;
    if (!read_status(message, "status", &is_down) || !read_status(message, "old_status", &was_down))
        return TOCSIN_LEVEL_WARNING;
    if (!is_down)
        return TOCSIN_LEVEL_INFO;
    return was_down ? TOCSIN_LEVEL_WARNING : TOCSIN_LEVEL_ERROR;
}

static enum tocsin_level level_of_log(const struct opensips_message *message)
{
    static const struct {
        const char *word;
        enum tocsin_level level;
    } levels[] = {
#define OPENSIPS_LOG_LEVEL(word, level) {(word), TOCSIN_LEVEL_##level},
#include "client/gateway/opensips_log_level.def"
#undef OPENSIPS_LOG_LEVEL
    };
    struct span word = value_str(opensips_message_param(message, "level"));
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (word.data && span_is(word, levels[i].word))
            return levels[i].level;
    }
    return TOCSIN_LEVEL_INFO;
}

static enum tocsin_level level_of(const struct known *known, const struct opensips_message *message)
{
    switch (known->rule) {
    case RULE_STATUS:
        return level_of_status(message);
    case RULE_LOG:
        return level_of_log(message);
    case RULE_WARNING:
        return TOCSIN_LEVEL_WARNING;
    default:
        return TOCSIN_LEVEL_INFO;
    }
}

/* The name, with what a type cannot hold as '_'. */
static void put_type(struct text *out, struct span method)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    const uint8_t *end = span_end(method);
    for (const uint8_t *at = method.data; at < end && out->len < TOCSIN_TYPE_MAX;) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        text_put_char(out, memchr(allowed, *at, sizeof allowed - 1) ? (char)*at : '_');
        at += len > 0 ? len : 1;
    }
}

/* NAME, or NAME/part/part. */
static void put_source(struct opensips_texts *texts, const char *name, const struct known *known,
                       const struct opensips_message *message)
{
    text_put_str(&texts->source_id, name);
    for (int i = 0; i < 2 && known->source_parts[i]; i++) {
        struct span value = opensips_message_param(message, known->source_parts[i]);
        text_put_char(&texts->source_id, '/');
        text_clear(&texts->line);
        if (value.data)
            plain_put_value(&texts->line, value);
        plain_put_line(&texts->source_id, text_span(&texts->line));
    }
    texts->source_id.len = plain_cut(text_span(&texts->source_id), TOCSIN_SOURCE_ID_MAX).len;
}

static void put_summary(struct opensips_texts *texts, const struct known *known, const struct opensips_message *message)
{
    text_clear(&texts->line);
    opensips_summary_put(&texts->line, known->summary, message);
    plain_put_line(&texts->summary, text_span(&texts->line));
    texts->summary.len = plain_cut(text_span(&texts->summary), TOCSIN_SUMMARY_MAX).len;
    if (texts->summary.len == 0)
        text_put(&texts->summary, texts->type.data, texts->type.len);
}

int opensips_event_compose(struct tocsin_event *event, const char *source, const struct opensips_message *message,
                           struct opensips_texts *texts)
{
    const struct known *known = find(message->method);
    text_clear(&texts->type);
    text_clear(&texts->source_id);
    text_clear(&texts->summary);
    put_type(&texts->type, message->method);
    put_source(texts, source, known, message);
    put_summary(texts, known, message);
    text_put_char(&texts->type, '\0');
    text_put_char(&texts->source_id, '\0');
    text_put_char(&texts->summary, '\0');
    if (texts->type.failed || texts->source_id.failed || texts->summary.failed || texts->line.failed)
        return TOCSIN_E_NOMEM;
    bool is_core = message->method.len > 7 && memcmp(message->method.data, "E_CORE_", 7) == 0;
    tocsin_event_set(event, level_of(known, message), is_core ? "CoreEvent" : "OpenSipsEvent", texts->type.data,
                     texts->source_id.data, texts->summary.data);
    if (message->params.data)
        return tocsin_event_snapshot_msgpack(event, message->params.data, message->params.len);
    return TOCSIN_OK;
}
