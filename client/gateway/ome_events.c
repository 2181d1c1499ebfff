#include "client/gateway/ome_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/escape.h"

#define SHOWN_MAX 1024 /* bytes of a refused line that its event holds */

void ome_events_init(struct ome_events *events, struct gateway *gateway, struct sink *sink, const char *source)
{
    *events = (struct ome_events){.gateway = gateway, .sink = sink, .source = source};
    ome_line_init(&events->line, gateway->redact.is_usual);
    text_init(&events->bytes);
    text_init(&events->raw);
}

void ome_events_fini(struct ome_events *events)
{
    ome_line_fini(&events->line);
    text_fini(&events->bytes);
    text_fini(&events->raw);
}

static bool is_blank(struct span line)
{
    size_t at = 0;
    while (at < line.len && strchr(" \t\r", line.data[at]) && line.data[at])
        at++;
    return at == line.len;
}

/* Whole characters only. */
static size_t cut_len(const struct text *utf8, size_t max)
{
    size_t len = utf8->len < max ? utf8->len : max;
    while (len > 0 && len < utf8->len && ((uint8_t)utf8->data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

/* Composes LineRefused: what is shown of the line is redacted, then cut, so that no half of a secret remains. */
static int compose_refusal(struct ome_events *events, struct span line, const struct ome_origin *origin,
                           const char *cause, const char *reason)
{
    struct tocsin_event *event = events->gateway->event;
    char summary[768];
    text_clear(&events->raw);
    text_clear(&events->bytes);
    size_t count = redact_raw(&events->gateway->redact, line, &events->raw);
    counts_add(&events->gateway->counts, COUNT_REDACTED, count);
    escape_text(&events->bytes, text_span(&events->raw));
    if (events->raw.failed || events->bytes.failed)
        return TOCSIN_E_NOMEM;
    snprintf(summary, sizeof summary, "A line of %.255s is no event: %.255s", origin->name, reason);
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "GatewayEvent", "LineRefused", events->source, summary);
    tocsin_event_set_cause(event, cause);
    tocsin_event_map_begin(event, 5);
    tocsin_event_key(event, "from");
    tocsin_event_str(event, origin->name);
    tocsin_event_key(event, origin->unit);
    tocsin_event_uint(event, origin->place);
    tocsin_event_key(event, "length");
    tocsin_event_uint(event, origin->len > line.len ? origin->len : line.len);
    tocsin_event_key(event, "reason");
    tocsin_event_str(event, reason);
    tocsin_event_key(event, "text");
    return tocsin_event_strn(event, events->bytes.len > 0 ? events->bytes.data : "",
                             cut_len(&events->bytes, SHOWN_MAX));
}

static int put_refusal(struct ome_events *events, struct span line, const struct ome_origin *origin, const char *cause,
                       const char *reason)
{
    int error = compose_refusal(events, line, origin, cause, reason);
    return error ? error : sink_put(events->sink, events->gateway->event, origin->where, NULL);
}

/* An event that breaks a rule. */
static int put_refused_event(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    enum tocsin_refusal code = TOCSIN_ACCEPTED;
    const char *field = "";
    char reason[TOCSIN_FIELD_MAX + 128] = "it cannot be an event";
    if (tocsin_event_refusal(events->gateway->event, &code, &field) == TOCSIN_E_REFUSED) {
        struct text name; /* a field's name may hold anything */
        text_init(&name);
        escape_text(&name, span_of_str(*field ? field : "the event"));
        snprintf(reason, sizeof reason, "%.*s %s (%s)", (int)cut_len(&name, TOCSIN_FIELD_MAX), name.data,
                 tocsin_refusal_text(code), tocsin_refusal_word(code));
        text_fini(&name);
    }
    int error = put_refusal(events, line, origin, "NoEvent", reason);
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_EVENT, 1, "%s: %s", origin->where, reason);
    return error;
}

/* A line that ome_line_read took for one: it is in events->bytes. */
static int put_event(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    struct tocsin_event *event = events->gateway->event;
    int error = tocsin_event_from_msgpack(event, events->bytes.data, events->bytes.len);
    if (!error)
        error = tocsin_event_encode(event, NULL, NULL);
    if (error)
        return error == TOCSIN_E_NOMEM ? error : put_refused_event(events, line, origin);
    error = sink_put(events->sink, event, origin->where, NULL);
    counts_add(&events->gateway->counts, COUNT_REDACTED, error ? 0 : events->line.hidden);
    return error;
}

static int read_line(struct ome_events *events, struct span line)
{
    text_clear(&events->bytes);
    events->line.hidden = 0;
    return ome_line_read(&events->line, line, &events->bytes);
}

/* A line whose beginning was cut short, and the event at its end. */
static int put_torn(struct ome_events *events, struct span line, size_t restart, const struct ome_origin *origin)
{
    struct span rest = span_of(line.data + restart, line.len - restart);
    int error = TOCSIN_OK;
    if (events->put == 0) {
        error = put_refusal(events, span_of(line.data, restart), origin, "Torn", "it was cut short by the next one");
        if (error)
            return error;
        events->put++;
        counts_complain(&events->gateway->counts, COUNT_REFUSED_CUT, 1, "%s: a line was cut short by the next one",
                        origin->where);
        error = read_line(events, rest); /* composing took its room */
    }
    return error ? error : put_event(events, rest, origin);
}

/* A line that is no JSON, or no event of OvenMediaEngine's. */
static int put_strange(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    char reason[sizeof events->line.reason];
    memcpy(reason, events->line.reason, sizeof reason);
    bool is_json = events->line.is_json;
    size_t restart = is_json ? 0 : ome_line_restart(line);
    if (restart > 0 && read_line(events, span_of(line.data + restart, line.len - restart)) == TOCSIN_OK)
        return put_torn(events, line, restart, origin);
    int error = put_refusal(events, line, origin, is_json ? "NoEvent" : "NoJson", reason);
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_SYNTAX, 1, "%s: a line that is no event: %s",
                        origin->where, reason);
    return error;
}

static int put_long(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    int error = put_refusal(events, line, origin, "TooLong", "it is longer than is allowed (--max-message)");
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_LENGTH, 1, "%s: a line of %" PRIu64 " bytes",
                        origin->where, origin->len);
    return error;
}

static int put_line(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    if (origin->len > line.len)
        return put_long(events, line, origin);
    int error = read_line(events, line);
    if (error == TOCSIN_E_SYNTAX)
        return put_strange(events, line, origin);
    return error ? error : put_event(events, line, origin);
}

int ome_events_put(struct ome_events *events, struct span line, const struct ome_origin *origin)
{
    if (is_blank(line))
        return TOCSIN_OK;
    int error = put_line(events, line, origin);
    if (error != TOCSIN_E_FULL)
        events->put = 0;
    return error;
}
