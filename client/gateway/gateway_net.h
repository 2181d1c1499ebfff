/* Where listeners put their events beside files that are followed: what comes over the network cannot be read again, so it
 * has a producer of its own, with numbers as the broker gives them. */
#ifndef CLIENT_GATEWAY_GATEWAY_NET_H
#define CLIENT_GATEWAY_GATEWAY_NET_H

#include "client/gateway/gateway.h"

struct gateway_net {
    struct gateway *gateway;
    struct sink *sink; /* where to put; NULL: not open */
    struct sink own;   /* is it where files are followed, else the gateway's is */
    char producer[TOCSIN_PRODUCER_MAX + 1];
    void (*resume)(void *context);
    void *context;
};

/* Opens a sink of the listeners' own where `is_apart`. `resume` (may be NULL) is called when there is room again or
 * something was settled. Complains and returns false where it cannot begin; gateway_net_close is due in any case. */
bool gateway_net_open(struct gateway_net *net, struct gateway *gateway, bool is_apart, void (*resume)(void *context),
                      void *context);

/* Waits, after gateway_run returned `code`, until what the listeners took is acknowledged; returns the exit code. */
int gateway_net_drain(struct gateway_net *net, int code);

void gateway_net_close(struct gateway_net *net);

#endif
