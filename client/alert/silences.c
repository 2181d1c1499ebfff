#include "client/alert/silences.h"

#include <stdlib.h>

#include "proto/json.h"
#include "proto/rfc3339.h"

void silence_fini(struct silence *silence)
{
    label_matchers_fini(&silence->matchers);
    free(silence->author);
    free(silence->comment);
    *silence = (struct silence){.starts_us = 0};
}

void silences_fini(struct silences *silences)
{
    for (size_t i = 0; i < silences->count; i++)
        silence_fini(&silences->items[i]);
    free(silences->items);
    *silences = (struct silences){0};
}

bool silence_is_active(const struct silence *silence, uint64_t at_us)
{
    return silence->starts_us <= at_us && at_us < silence->ends_us;
}

const struct silence *silences_find(const struct silences *silences, const struct labels *labels, uint64_t at_us)
{
    for (size_t i = 0; i < silences->count; i++) {
        if (silence_is_active(&silences->items[i], at_us) && label_matchers_hold(&silences->items[i].matchers, labels))
            return &silences->items[i];
    }
    return NULL;
}

uint64_t silences_next_us(const struct silences *silences, uint64_t after_us)
{
    uint64_t next_us = UINT64_MAX;
    for (size_t i = 0; i < silences->count; i++) {
        const struct silence *silence = &silences->items[i];
        if (silence->starts_us > after_us && silence->starts_us < next_us)
            next_us = silence->starts_us;
        if (silence->ends_us > after_us && silence->ends_us < next_us)
            next_us = silence->ends_us;
    }
    return next_us;
}

bool silences_add(struct silences *silences, struct silence *silence)
{
    struct silence *items = realloc(silences->items, (silences->count + 1) * sizeof *items);
    if (!items)
        return false;
    silences->items = items;
    items[silences->count++] = *silence;
    *silence = (struct silence){.starts_us = 0};
    return true;
}

void silences_prune(struct silences *silences, uint64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < silences->count; i++) {
        uint64_t ends_us = silences->items[i].ends_us;
        if (ends_us < now_us && now_us - ends_us > SILENCES_KEPT_US)
            silence_fini(&silences->items[i]);
        else
            silences->items[kept++] = silences->items[i];
    }
    silences->count = kept;
}

static void put_string(struct text *out, const char *name, const char *value)
{
    text_printf(out, ",\"%s\":", name);
    json_write_string(out, span_of_str(value));
}

static void put_time(struct text *out, const char *name, uint64_t us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, us);
    text_printf(out, ",\"%s\":\"%.*s\"", name, RFC3339_US_LEN, time);
}

void silence_put_json(struct text *out, const struct silence *silence)
{
    text_printf(out, "{\"id\":\"%s\",\"matchers\":[", silence->id);
    for (size_t i = 0; i < silence->matchers.count; i++) {
        const struct label_matcher *matcher = &silence->matchers.items[i];
        text_printf(out, "%s{\"name\":\"%s\"", i > 0 ? "," : "", matcher->name);
        put_string(out, "value", matcher->value);
        text_printf(out, ",\"isRegex\":%s,\"isEqual\":%s}", matcher->is_regex ? "true" : "false",
                    matcher->is_equal ? "true" : "false");
    }
    text_put_char(out, ']');
    put_time(out, "startsAt", silence->starts_us);
    put_time(out, "endsAt", silence->ends_us);
    put_string(out, "createdBy", silence->author);
    put_string(out, "comment", silence->comment);
    text_put_char(out, '}');
}

void silences_put_json(struct text *out, const struct silences *silences)
{
    text_put_char(out, '[');
    for (size_t i = 0; i < silences->count; i++) {
        text_put_str(out, i > 0 ? ",\n" : "\n");
        silence_put_json(out, &silences->items[i]);
    }
    text_put_str(out, "\n]\n");
}
