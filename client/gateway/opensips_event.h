/* OpenSIPS's message as an event: category, type, level, source and summary by the tables. Pure. */
#ifndef CLIENT_GATEWAY_OPENSIPS_EVENT_H
#define CLIENT_GATEWAY_OPENSIPS_EVENT_H

#include "client/gateway/opensips_message.h"
#include "client/tocsin.h"

struct opensips_texts {
    struct text type;
    struct text source_id;
    struct text line; /* of several parts, before it is one line */
    struct text summary;
};
void opensips_texts_fini(struct opensips_texts *texts);

/* Composes the event of the server `source`, without a time. Errors stick in the event, as with all that composes. */
int opensips_event_compose(struct tocsin_event *event, const char *source, const struct opensips_message *message,
                           struct opensips_texts *texts);

#endif
