/* What all sockets of the library have in common. */
#ifndef CLIENT_SOCKET_H
#define CLIENT_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "client/curve.h"

/* Sets linger 0, keepalive and reconnection, the keys, and the longest message taken, for a socket that will connect to
 * `endpoint`. No heartbeats of ZeroMQ: a peer could abort the process through them (PROTOCOL.md section 6). False when
 * libzmq refuses. */
bool socket_set_defaults(void *socket, const char *endpoint, const struct curve *curve, int64_t max_message_bytes);

#endif
