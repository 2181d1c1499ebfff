#include "client/logger/peer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS   5000
#define SETTLE_MS 10000
#define LOOK_MS   5

/* HOST, HOST:PORT, [HOST]:PORT; a bare IPv6 address has more than one colon. */
static bool split(struct peer *peer, const char *text, const char *default_port)
{
    const char *close = *text == '[' ? strchr(text, ']') : NULL, *colon = strrchr(text, ':');
    if (*text == '[' && !close)
        return false;
    bool has_port = colon && (close ? colon == close + 1 : strchr(text, ':') == colon);
    const char *begin = close ? text + 1 : text, *end = close ? close : has_port ? colon : text + strlen(text);
    if (begin == end || (close && close[1] && !has_port) || (has_port && !colon[1]))
        return false;
    peer->host = strndup(begin, (size_t)(end - begin));
    peer->port = strdup(has_port ? colon + 1 : default_port);
    return peer->host && peer->port;
}

bool peer_init(struct peer *peer, const char *text, const char *default_port)
{
    *peer = (struct peer){.fd = -1};
    if (strncmp(text, "unix:", 5) == 0) {
        peer->kind = PEER_UNIX;
        peer->host = strdup(text + 5);
        return peer->host && *peer->host && strlen(peer->host) < sizeof((struct sockaddr_un *)NULL)->sun_path;
    }
    if (strncmp(text, "udp:", 4) != 0 && strncmp(text, "tcp:", 4) != 0)
        return false;
    peer->kind = *text == 'u' ? PEER_UDP : PEER_TCP;
    return split(peer, text + 4, default_port);
}

void peer_fini(struct peer *peer)
{
    peer_disconnect(peer);
    free(peer->host);
    free(peer->port);
    peer->host = peer->port = NULL;
}

void peer_disconnect(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    peer->fd = -1;
}

static int fail(struct peer *peer, int reason)
{
    peer_disconnect(peer);
    return reason ? reason : EIO;
}

/* 0 when the socket is ready for `events`, else an errno. */
static int wait_for(int fd, short events)
{
    struct pollfd item = {.fd = fd, .events = events};
    int ready = poll(&item, 1, WAIT_MS);
    return ready > 0 ? 0 : ready == 0 ? ETIMEDOUT : errno;
}

/* Connects a new socket. */
static int connect_to(struct peer *peer, int domain, int type, const struct sockaddr *address, socklen_t len)
{
    int fault = 0;
    socklen_t fault_len = sizeof fault;
    peer->fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (peer->fd < 0)
        return errno;
    peer->is_stream = type == SOCK_STREAM;
    if (connect(peer->fd, address, len) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return fail(peer, errno);
    int error = wait_for(peer->fd, POLLOUT);
    if (!error && getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &fault, &fault_len) != 0)
        error = errno;
    return error || fault ? fail(peer, error ? error : fault) : 0;
}

static int connect_unix(struct peer *peer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, peer->host, strlen(peer->host) + 1);
    int error = connect_to(peer, AF_UNIX, SOCK_DGRAM, (struct sockaddr *)&address, sizeof address);
    if (error == EPROTOTYPE)
        error = connect_to(peer, AF_UNIX, SOCK_STREAM, (struct sockaddr *)&address, sizeof address);
    return error;
}

static int connect_inet(struct peer *peer)
{
    struct addrinfo hints = {.ai_socktype = peer->kind == PEER_UDP ? SOCK_DGRAM : SOCK_STREAM}, *addresses;
    if (getaddrinfo(peer->host, peer->port, &hints, &addresses) != 0)
        return EADDRNOTAVAIL;
    int error = EADDRNOTAVAIL;
    for (struct addrinfo *at = addresses; at && error && error != EINTR; at = at->ai_next)
        error = connect_to(peer, at->ai_family, at->ai_socktype, at->ai_addr, at->ai_addrlen);
    freeaddrinfo(addresses);
    return error;
}

int peer_connect(struct peer *peer)
{
    if (peer->fd >= 0)
        return 0;
    return peer->kind == PEER_UNIX ? connect_unix(peer) : connect_inet(peer);
}

int peer_send(struct peer *peer, struct span bytes)
{
    size_t sent = 0;
    do {
        ssize_t len = send(peer->fd, bytes.data + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (len >= 0) {
            sent += (size_t)len;
            continue;
        }
        if (errno == EMSGSIZE)
            return EMSGSIZE;
        int error = errno == EAGAIN ? wait_for(peer->fd, POLLOUT) : errno == EINTR ? 0 : errno;
        if (error)
            return fail(peer, error);
    } while (sent < bytes.len);
    return 0;
}

int peer_settle(struct peer *peer)
{
    char byte;
    int unsent = 1;
    if (!peer->is_stream || peer->fd < 0)
        return 0;
    for (int waited_ms = 0; peer->kind == PEER_TCP && unsent > 0; waited_ms += LOOK_MS) {
        if (ioctl(peer->fd, SIOCOUTQ, &unsent) != 0)
            return fail(peer, errno);
        if (unsent > 0 && waited_ms >= SETTLE_MS)
            return fail(peer, ETIMEDOUT);
        if (unsent > 0 && poll(NULL, 0, LOOK_MS) < 0)
            return fail(peer, errno);
    }
    ssize_t len = recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (len == 0)
        return fail(peer, ECONNRESET);
    return len < 0 && errno != EAGAIN ? fail(peer, errno) : 0;
}
