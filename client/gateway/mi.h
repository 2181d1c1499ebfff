/* OpenSIPS's management interface: JSON-RPC over HTTP (mi_http) or in datagrams (mi_datagram). One request at a time, and
 * it waits for the reply: for a thread of its own. */
#ifndef CLIENT_GATEWAY_MI_H
#define CLIENT_GATEWAY_MI_H

#include <stdbool.h>

#include "proto/span.h"
#include "proto/text.h"

#define MI_DEPTH_MAX 16
#define MI_REPLY_MAX ((size_t)4 * 1024 * 1024)

struct mi {
    const char *url;
    void *curl;       /* NULL: datagrams */
    int fd;           /* -1: HTTP, or not connected */
    long http_status; /* of the last reply */
    unsigned id;
    struct text request;
    struct text reply;
    struct text value; /* the reply as MessagePack */
    char error[256];   /* of the last request that failed, for people */
};

/* `url` is http://HOST:PORT/mi, https://… or udp:HOST:PORT; it is borrowed. Complains and returns false where it is none;
 * mi_close is due in any case. */
bool mi_open(struct mi *mi, const char *url);
void mi_close(struct mi *mi);

/* Asks; `params` is a JSON object, data NULL: none. 0: `*result` is one MessagePack value, valid until the next request;
 * TOCSIN_E_UNREACHABLE, TOCSIN_E_PROTOCOL: what answers is none; TOCSIN_E_REFUSED: it says no. mi->error tells why. */
int mi_request(struct mi *mi, const char *method, struct span params, struct span *result);

#endif
