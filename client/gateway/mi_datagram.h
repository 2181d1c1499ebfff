/* A part of mi: mi_datagram over UDP. */
#ifndef CLIENT_GATEWAY_MI_DATAGRAM_H
#define CLIENT_GATEWAY_MI_DATAGRAM_H

#include "client/gateway/mi.h"

/* True for udp:HOST:PORT. */
bool mi_datagram_is_url(const char *url);

/* Sends the request and waits for the reply with its id; connects where it is necessary. Errors as mi_request. */
int mi_datagram_ask(struct mi *mi);

#endif
