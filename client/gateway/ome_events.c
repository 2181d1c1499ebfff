#include "client/gateway/ome_events.h"

#include <inttypes.h>
#include <string.h>

void ome_events_init(struct ome_events *events, struct gateway *gateway, struct sink *sink, const char *source)
{
    *events = (struct ome_events){.gateway = gateway, .sink = sink};
    refusal_init(&events->refusal, gateway, sink, source);
    ome_line_init(&events->line, gateway->redact.is_usual);
    text_init(&events->bytes);
}

void ome_events_fini(struct ome_events *events)
{
    ome_line_fini(&events->line);
    refusal_fini(&events->refusal);
    text_fini(&events->bytes);
}

static bool is_blank(struct span line)
{
    size_t at = 0;
    while (at < line.len && strchr(" \t\r", line.data[at]) && line.data[at])
        at++;
    return at == line.len;
}

/* An event that breaks a rule. */
static int put_refused_event(struct ome_events *events, struct span line, const struct refusal_origin *origin)
{
    char reason[REFUSAL_REASON_MAX];
    refusal_reason(events->gateway->event, reason);
    int error = refusal_put(&events->refusal, line, origin, "NoEvent", reason);
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_EVENT, 1, "%s: %s", origin->where, reason);
    return error;
}

/* A line that ome_line_read took for one: it is in events->bytes. */
static int put_event(struct ome_events *events, struct span line, const struct refusal_origin *origin)
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
static int put_torn(struct ome_events *events, struct span line, size_t restart, const struct refusal_origin *origin)
{
    struct span rest = span_of(line.data + restart, line.len - restart);
    if (events->put == 0) {
        int error = refusal_put(&events->refusal, span_of(line.data, restart), origin, "Torn",
                                "it was cut short by the next one");
        if (error)
            return error;
        events->put++;
        counts_complain(&events->gateway->counts, COUNT_REFUSED_CUT, 1, "%s: a line was cut short by the next one",
                        origin->where);
    }
    return put_event(events, rest, origin);
}

/* A line that is no JSON, or no event of OvenMediaEngine's. */
static int put_strange(struct ome_events *events, struct span line, const struct refusal_origin *origin)
{
    char reason[sizeof events->line.reason];
    memcpy(reason, events->line.reason, sizeof reason);
    bool is_json = events->line.is_json;
    size_t restart = is_json ? 0 : ome_line_restart(line);
    if (restart > 0 && read_line(events, span_of(line.data + restart, line.len - restart)) == TOCSIN_OK)
        return put_torn(events, line, restart, origin);
    int error = refusal_put(&events->refusal, line, origin, is_json ? "NoEvent" : "NoJson", reason);
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_SYNTAX, 1, "%s: a line that is no event: %s",
                        origin->where, reason);
    return error;
}

static int put_long(struct ome_events *events, struct span line, const struct refusal_origin *origin)
{
    int error = refusal_put(&events->refusal, line, origin, "TooLong", "it is longer than is allowed (--max-message)");
    if (!error)
        counts_complain(&events->gateway->counts, COUNT_REFUSED_LENGTH, 1, "%s: a line of %" PRIu64 " bytes",
                        origin->where, origin->len);
    return error;
}

static int put_line(struct ome_events *events, struct span line, const struct refusal_origin *origin)
{
    if (origin->len > line.len)
        return put_long(events, line, origin);
    int error = read_line(events, line);
    if (error == TOCSIN_E_SYNTAX)
        return put_strange(events, line, origin);
    return error ? error : put_event(events, line, origin);
}

int ome_events_put(struct ome_events *events, struct span line, const struct refusal_origin *origin)
{
    if (is_blank(line))
        return TOCSIN_OK;
    int error = put_line(events, line, origin);
    if (error != TOCSIN_E_FULL)
        events->put = 0;
    return error;
}
