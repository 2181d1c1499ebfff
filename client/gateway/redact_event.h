/* Redaction of a whole event: its snapshot, and the parameters of addresses in its summary. */
#ifndef CLIENT_GATEWAY_REDACT_EVENT_H
#define CLIENT_GATEWAY_REDACT_EVENT_H

#include "client/gateway/counts.h"
#include "client/gateway/redact.h"
#include "client/tocsin.h"

/* Leaves `*event` as it is where there is nothing to redact; else composes it anew in `spare` and points `*event` there.
 * `members` and `scratch` are room. Errors as tocsin_event_encode. */
int redact_event(const struct redact *redact, struct counts *counts, struct tocsin_event **event,
                 struct tocsin_event *spare, struct text *members, struct text *scratch);

#endif
