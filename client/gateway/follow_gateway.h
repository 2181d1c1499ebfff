/* A gateway that follows files, as it begins: its state first, then its sink with the state's numbers. */
#ifndef CLIENT_GATEWAY_FOLLOW_GATEWAY_H
#define CLIENT_GATEWAY_FOLLOW_GATEWAY_H

#include "client/gateway/follow_store.h"
#include "client/gateway/gateway.h"

/* Opens the state of --state, for files of `kind`, and the gateway under its producer. As gateway_open;
 * follow_store_close is due in any case, after gateway_close where gateway->options is set. */
int follow_gateway_open(struct gateway *gateway, struct follow_store *store, const char *kind,
                        const struct options *options, void (*resume)(void *context), void *context);

#endif
