/* tocsin gateway opensips, as its files share it. */
#ifndef CLIENT_GATEWAY_OPENSIPS_H
#define CLIENT_GATEWAY_OPENSIPS_H

#include "client/gateway/gateway_net.h"
#include "client/gateway/opensips_event.h"
#include "client/gateway/subscribe.h"

struct opensips {
    struct gateway gateway;
    struct gateway_net net; /* the listeners put there */
    const char *source;     /* the server's name */
    struct subscribe subscribe;
    struct opensips_room room;
    struct opensips_texts texts;
    struct text redacted; /* the parameters, before a summary is made of them */
};

/* Makes a document an event and puts it into `sink`. 0: taken, `*number` (may be NULL) as sink_put. TOCSIN_E_REFUSED:
 * counted and told. TOCSIN_E_FULL: not taken now. `message` (may be NULL) is what was read,
 * as far as it was. */
int opensips_take(struct opensips *opensips, struct sink *sink, struct span document, const char *where,
                  uint64_t *number, struct opensips_message *message);

/* opensips_stream.c: what event_stream sends. */
size_t opensips_stream_take(void *context, struct listen_connection *connection, struct span bytes, bool is_end,
                            enum listen_verdict *verdict);
void opensips_stream_settled(void *context, struct listen_connection *connection);
void opensips_stream_closed(void *context, struct listen_connection *connection);

#endif
