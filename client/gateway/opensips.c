#include "client/gateway/opensips.h"

#include <stdio.h>
#include <time.h>

#include "client/gateway/plain.h"

/* How much of a message is shown where it is refused. */
#define EXCERPT_MAX 120

static uint64_t realtime_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int refuse_syntax(struct opensips *opensips, struct span document, const char *where,
                         const struct json_fault *fault)
{
    struct span excerpt = plain_cut(document, EXCERPT_MAX);
    counts_complain(&opensips->gateway.counts, COUNT_REFUSED_SYNTAX, 1,
                    "%s: a message of %zu bytes is none, %s at byte %zu: %.*s", where, document.len, fault->reason,
                    fault->offset + 1, (int)excerpt.len, (const char *)excerpt.data);
    return TOCSIN_E_REFUSED;
}

/* The sink redacts too, but summaries are made of parameters. */
static int redact_params(struct opensips *opensips, struct opensips_message *message)
{
    struct gateway *gateway = &opensips->gateway;
    struct text *redacted = &opensips->redacted;
    text_clear(redacted);
    size_t count = message->params.data ? redact_value(&gateway->redact, message->params, redacted) : 0;
    if (redacted->failed)
        return TOCSIN_E_NOMEM;
    if (count > 0)
        message->params = text_span(redacted);
    counts_add(&gateway->counts, COUNT_REDACTED, count);
    return TOCSIN_OK;
}

int opensips_take(struct opensips *opensips, struct sink *sink, struct span document, const char *where,
                  uint64_t *number, struct opensips_message *message)
{
    struct gateway *gateway = &opensips->gateway;
    struct opensips_message own = {.method = {NULL, 0}};
    struct json_fault fault = {0, ""};
    message = message ? message : &own;
    int error = opensips_message_read(document, &opensips->room, message, &fault);
    if (error == TOCSIN_E_SYNTAX)
        return refuse_syntax(opensips, document, where, &fault);
    if (!error)
        error = redact_params(opensips, message);
    if (!error)
        error = opensips_event_compose(gateway->event, opensips->source, message, &opensips->texts);
    if (error) {
        counts_complain(&gateway->counts, COUNT_REFUSED_EVENT, 1, "%s: %s", where, tocsin_error_text(error));
        return TOCSIN_E_REFUSED;
    }
    tocsin_event_set_time_us(gateway->event, realtime_us());
    error = sink_put(sink, gateway->event, where, number);
    if (!error && message->is_repaired)
        counts_add(&gateway->counts, COUNT_REPAIRED, 1);
    return error;
}
