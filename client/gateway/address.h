/* Where a gateway listens, as --listen has it: udp:HOST:PORT, tcp:HOST:PORT, unix:PATH. */
#ifndef CLIENT_GATEWAY_ADDRESS_H
#define CLIENT_GATEWAY_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum address_kind { ADDRESS_UDP, ADDRESS_TCP, ADDRESS_UNIX };

#define ADDRESS_TEXT_MAX 160

struct address {
    enum address_kind kind;
    char host[256]; /* "": every address of this host; a path for ADDRESS_UNIX */
    char port[8];
};

/* IPv6 addresses stand in brackets; HOST * is every address; PORT 0 a free one. Complains about what is none. */
bool address_read(const char *text, struct address *address);

/* The socket addresses that it stands for, to be freed with freeaddrinfo. Complains and returns NULL where the host is
 * not known. Not for ADDRESS_UNIX. */
struct addrinfo *address_resolve(const struct address *address);

/* "udp:127.0.0.1:5570", as --listen would have it; ADDRESS_TEXT_MAX bytes. */
void address_write(enum address_kind kind, const struct sockaddr_storage *socket_address, char *out);

#endif
