#include "client/gateway/refusal.h"

#include <stdio.h>

#include "client/escape.h"
#include "client/gateway/plain.h"

#define SHOWN_MAX 1024 /* bytes of what was refused that its event holds */

void refusal_init(struct refusal *refusal, struct gateway *gateway, struct sink *sink, const char *source)
{
    *refusal = (struct refusal){.gateway = gateway, .sink = sink, .source = source};
    text_init(&refusal->raw);
    text_init(&refusal->shown);
}

void refusal_fini(struct refusal *refusal)
{
    text_fini(&refusal->raw);
    text_fini(&refusal->shown);
}

/* What is shown of the line is redacted, then cut, so that no half of a secret remains. */
static int compose(struct refusal *refusal, struct span line, const struct refusal_origin *origin, const char *cause,
                   const char *reason)
{
    struct tocsin_event *event = refusal->gateway->event;
    char summary[768];
    text_clear(&refusal->raw);
    text_clear(&refusal->shown);
    size_t count = redact_raw(&refusal->gateway->redact, line, &refusal->raw);
    counts_add(&refusal->gateway->counts, COUNT_REDACTED, count);
    escape_text(&refusal->shown, text_span(&refusal->raw));
    if (refusal->raw.failed || refusal->shown.failed)
        return TOCSIN_E_NOMEM;
    snprintf(summary, sizeof summary, "A line of %.255s is no event: %.255s", origin->name, reason);
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "GatewayEvent", "LineRefused", refusal->source, summary);
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
    struct span shown = plain_cut(text_span(&refusal->shown), SHOWN_MAX);
    return tocsin_event_strn(event, shown.len > 0 ? (const char *)shown.data : "", shown.len);
}

int refusal_put(struct refusal *refusal, struct span line, const struct refusal_origin *origin, const char *cause,
                const char *reason)
{
    int error = compose(refusal, line, origin, cause, reason);
    return error ? error : sink_put(refusal->sink, refusal->gateway->event, origin->where, NULL);
}

void refusal_reason(const struct tocsin_event *event, char reason[REFUSAL_REASON_MAX])
{
    enum tocsin_refusal code = TOCSIN_ACCEPTED;
    const char *field = "";
    if (tocsin_event_refusal(event, &code, &field) != TOCSIN_E_REFUSED) {
        snprintf(reason, REFUSAL_REASON_MAX, "it cannot be an event");
        return;
    }
    struct text name; /* a field's name may hold anything */
    text_init(&name);
    escape_text(&name, span_of_str(*field ? field : "the event"));
    struct span cut = plain_cut(text_span(&name), TOCSIN_FIELD_MAX);
    snprintf(reason, REFUSAL_REASON_MAX, "%.*s %s (%s)", (int)cut.len, (const char *)cut.data,
             tocsin_refusal_text(code), tocsin_refusal_word(code));
    text_fini(&name);
}
