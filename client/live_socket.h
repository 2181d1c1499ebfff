/* The socket of a subscriber: a SUB that connects to the broker's live. */
#ifndef CLIENT_LIVE_SOCKET_H
#define CLIENT_LIVE_SOCKET_H

#include <stddef.h>

#include "client/curve.h"
#include "client/filter.h"

/* Makes the socket, subscribes to what the filters ask for and to the heartbeat, and connects. `queue_frames` bounds
 * what waits in it. Returns 0 and the socket in `*socket`; TOCSIN_E_NOMEM (out of memory or of files), or
 * TOCSIN_E_INVALID for an endpoint that is none. */
int live_socket_open(void **socket, void *context, const char *endpoint, const struct curve *curve,
                     const struct filter_set *filters, int queue_frames, size_t max_event_bytes);

#endif
