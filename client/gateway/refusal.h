/* An event that stands for what could not become one, GatewayEvent LineRefused, with the reason and the beginning of what
 * it was: nothing is lost in silence, and the numbers of what follows depend on a file's bytes alone. */
#ifndef CLIENT_GATEWAY_REFUSAL_H
#define CLIENT_GATEWAY_REFUSAL_H

#include "client/gateway/gateway.h"

#define REFUSAL_REASON_MAX (TOCSIN_FIELD_MAX + 128)

struct refusal {
    struct gateway *gateway;
    struct sink *sink;
    const char *source; /* sourceId of the gateway's own events */
    struct text raw;    /* scratch */
    struct text shown;  /* scratch */
};

/* Where a line comes from. */
struct refusal_origin {
    const char *name; /* of the file or the peer */
    const char *unit; /* what `place` counts: "offset" or "line" */
    uint64_t place;
    uint64_t len;      /* of the line, where more than there is of it */
    const char *where; /* the two as text, for people */
};

void refusal_init(struct refusal *refusal, struct gateway *gateway, struct sink *sink, const char *source);
void refusal_fini(struct refusal *refusal);

/* Composes it in gateway->event and puts it into the sink: as sink_put; also TOCSIN_E_NOMEM. */
int refusal_put(struct refusal *refusal, struct span line, const struct refusal_origin *origin, const char *cause,
                const char *reason);

/* Writes why the event, which was judged just now, was refused. */
void refusal_reason(const struct tocsin_event *event, char reason[REFUSAL_REASON_MAX]);

#endif
