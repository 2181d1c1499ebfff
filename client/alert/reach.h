/* Which addresses a receiver may be at. Pure. */
#ifndef CLIENT_ALERT_REACH_H
#define CLIENT_ALERT_REACH_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether the address is one of this host, of a private network, or none that one connects to over the Internet:
 * loopback, link-local (metadata services of clouds), RFC 1918, RFC 6598, ULA, multicast, documentation, and IPv4 within
 * IPv6 of these. What is neither IPv4 nor IPv6 is private. */
bool reach_is_private(const struct sockaddr *address);

#endif
