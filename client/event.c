/* An event: its fields are kept apart until it is encoded, then written in the order of PROTOCOL.md and judged by the
 * same code that judges it in the broker. */
#include <stdlib.h>
#include <time.h>

#include "client/event_compose.h"
#include "client/tocsin.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

static const char *const field_keys[FIELD_COUNT] = {"time",     "level",   "category", "type",
                                                    "sourceId", "summary", "cause"};

struct tocsin_event *tocsin_event_new(void)
{
    return calloc(1, sizeof(struct tocsin_event));
}

void tocsin_event_free(struct tocsin_event **event)
{
    if (!event || !*event)
        return;
    for (int i = 0; i < FIELD_COUNT; i++)
        text_fini(&(*event)->fields[i]);
    text_fini(&(*event)->snapshot);
    text_fini(&(*event)->bytes);
    event_judge_free(&(*event)->judge);
    free(*event);
    *event = NULL;
}

int event_compose_fail(struct tocsin_event *event, int error)
{
    if (!event->error)
        event->error = error;
    return event->error;
}

/* Writes `value` into a field; NULL takes the field away. */
static int compose_field(struct tocsin_event *event, enum event_field field, const char *value)
{
    if (event->error)
        return event->error;
    if (event->is_whole)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    struct text *text = &event->fields[field];
    text_clear(text);
    event->is_encoded = false;
    event->has_field[field] = value != NULL;
    if (value)
        text_put_str(text, value);
    return text->failed ? event_compose_fail(event, TOCSIN_E_NOMEM) : TOCSIN_OK;
}

void event_compose_clear(struct tocsin_event *event)
{
    event->error = TOCSIN_OK;
    event->is_whole = false;
    event->is_encoded = false;
    event->has_snapshot = false;
    event->depth = 0;
    event->code = TOCSIN_ACCEPTED;
    event->field[0] = '\0';
    text_clear(&event->snapshot);
    for (int i = 0; i < FIELD_COUNT; i++)
        event->has_field[i] = false;
}

int tocsin_event_set(struct tocsin_event *event, enum tocsin_level level, const char *category, const char *type,
                     const char *source_id, const char *summary)
{
    if (!event)
        return TOCSIN_E_INVALID;
    event_compose_clear(event);
    const char *word = tocsin_level_word(level);
    if (!word || !category || !type || !source_id || !summary)
        return event_compose_fail(event, TOCSIN_E_INVALID);
    compose_field(event, FIELD_LEVEL, word);
    compose_field(event, FIELD_CATEGORY, category);
    compose_field(event, FIELD_TYPE, type);
    compose_field(event, FIELD_SOURCE_ID, source_id);
    return compose_field(event, FIELD_SUMMARY, summary);
}

int tocsin_event_set_cause(struct tocsin_event *event, const char *cause)
{
    return event ? compose_field(event, FIELD_CAUSE, cause) : TOCSIN_E_INVALID;
}

int tocsin_event_set_time(struct tocsin_event *event, const char *time)
{
    return event ? compose_field(event, FIELD_TIME, time) : TOCSIN_E_INVALID;
}

int tocsin_event_set_time_us(struct tocsin_event *event, uint64_t time_us)
{
    char text[RFC3339_US_LEN + 1];
    rfc3339_write_us(text, time_us);
    text[RFC3339_US_LEN] = '\0';
    return tocsin_event_set_time(event, text);
}

int tocsin_event_set_time_now(struct tocsin_event *event)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return tocsin_event_set_time_us(event, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

static void write_members(struct tocsin_event *event)
{
    uint32_t count = event->has_snapshot ? 1 : 0;
    for (int i = 0; i < FIELD_COUNT; i++)
        count += event->has_field[i] ? 1 : 0;
    struct text *out = &event->bytes;
    text_clear(out);
    wire_write_map(out, count);
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (!event->has_field[i])
            continue;
        wire_write_str(out, span_of_str(field_keys[i]));
        wire_write_str(out, text_span(&event->fields[i]));
    }
    if (event->has_snapshot) {
        wire_write_str(out, span_of_str("snapshot"));
        text_put(out, event->snapshot.data, event->snapshot.len);
    }
}

int event_compose_limit(struct tocsin_event *event, size_t max_event_bytes)
{
    if (event->judge && event->max_event_bytes == max_event_bytes)
        return TOCSIN_OK;
    event_judge_free(&event->judge);
    event->is_encoded = false;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    /* The seed guards against chosen keys; here the caller would but harm himself. */
    event->judge = event_judge_new(max_event_bytes, (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)event);
    event->max_event_bytes = max_event_bytes;
    return event->judge ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int note_refusal(struct tocsin_event *event, const struct refusal *refusal)
{
    event->code = refusal->code;
    size_t len = refusal->field.len < sizeof event->field ? refusal->field.len : sizeof event->field - 1;
    if (len > 0)
        memcpy(event->field, refusal->field.data, len);
    event->field[len] = '\0';
    return TOCSIN_E_REFUSED;
}

static int judge(struct tocsin_event *event)
{
    struct event view;
    struct refusal refusal;
    event->code = TOCSIN_ACCEPTED;
    event->field[0] = '\0';
    size_t used = event_judge(event->judge, text_span(&event->bytes), &view, &refusal);
    if (refusal.code)
        return note_refusal(event, &refusal);
    return used == event->bytes.len ? TOCSIN_OK : TOCSIN_E_INVALID;
}

int tocsin_event_encode(struct tocsin_event *event, const uint8_t **bytes, size_t *len)
{
    if (!event)
        return TOCSIN_E_INVALID;
    if (event->error)
        return event->error;
    if (event->depth > 0 || (!event->is_whole && !event->has_field[FIELD_LEVEL]))
        return TOCSIN_E_INVALID;
    if (!event->judge && event_compose_limit(event, TOCSIN_EVENT_BYTES_MAX) != TOCSIN_OK)
        return TOCSIN_E_NOMEM;
    if (!event->is_encoded) {
        if (!event->is_whole)
            write_members(event);
        if (event->bytes.failed)
            return TOCSIN_E_NOMEM;
        int error = judge(event);
        if (error)
            return error;
        event->is_encoded = true;
    }
    if (bytes)
        *bytes = (const uint8_t *)event->bytes.data;
    if (len)
        *len = event->bytes.len;
    return TOCSIN_OK;
}

int tocsin_event_refusal(const struct tocsin_event *event, enum tocsin_refusal *code, const char **field)
{
    if (code)
        *code = event ? event->code : TOCSIN_ACCEPTED;
    if (field)
        *field = event ? event->field : "";
    return event && event->code ? TOCSIN_E_REFUSED : TOCSIN_OK;
}
