/* A socket to a peer that may be away. */
#ifndef CLIENT_LOGGER_PEER_H
#define CLIENT_LOGGER_PEER_H

#include <stdbool.h>

#include "proto/span.h"

enum peer_kind { PEER_UNIX, PEER_UDP, PEER_TCP };

struct peer {
    enum peer_kind kind;
    char *host; /* or the path */
    char *port;
    int fd;         /* -1: not connected */
    bool is_stream; /* TCP, or a unix socket that takes no datagrams */
};

/* "unix:PATH", "udp:HOST[:PORT]", "tcp:HOST[:PORT]", hosts also as [IPV6]. False: it is none, or out of memory;
 * peer_fini is due in any case. */
bool peer_init(struct peer *peer, const char *text, const char *default_port);
void peer_fini(struct peer *peer);

/* Connects within seconds where it is not connected. 0 or an errno; what a host's name lookup says is told as
 * EADDRNOTAVAIL. A signal ends each of these with EINTR. */
int peer_connect(struct peer *peer);
void peer_disconnect(struct peer *peer);

/* Sends all of it, one datagram or a part of the stream. 0 or an errno (EMSGSIZE: no datagram takes it, and nothing was
 * sent); after any other the peer is not connected. */
int peer_send(struct peer *peer, struct span bytes);

/* Waits until the peer's system has all that was sent (TCP; nothing to wait for with others), and the peer is there
 * still. 0 or an errno, and then it is not connected. */
int peer_settle(struct peer *peer);

#endif
