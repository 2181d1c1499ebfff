#include "client/gateway/mi_datagram.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/gateway/value.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"

#define REPLY_MS  3000
#define REPLY_MAX 65536

/* HOST and PORT of the URL, in `out`; NULL: it is none. */
static char *host_of(const char *url, char *out, size_t size, const char **port)
{
    const char *colon = strrchr(url, ':');
    size_t len = strlen(url);
    if (strncmp(url, "udp:", 4) != 0 || colon < url + 5 || colon[1] == '\0' || len >= size ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return NULL;
    memcpy(out, url, len + 1);
    out[colon - url] = '\0';
    *port = out + (colon - url) + 1;
    char *host = out + 4;
    size_t host_len = strlen(host);
    if (host[0] == '[' && host[host_len - 1] == ']') {
        host[host_len - 1] = '\0';
        host++;
    }
    return host;
}

bool mi_datagram_is_url(const char *url)
{
    char room[300];
    const char *port;
    return host_of(url, room, sizeof room, &port) != NULL;
}

static int fail(struct mi *mi, const char *reason)
{
    snprintf(mi->error, sizeof mi->error, "%.240s", reason);
    return TOCSIN_E_UNREACHABLE;
}

static int connect_to(struct mi *mi)
{
    char room[300];
    const char *port, *host = host_of(mi->url, room, sizeof room, &port);
    struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    int error = host ? getaddrinfo(host, port, &hints, &found) : EAI_NONAME;
    if (error)
        return fail(mi, gai_strerror(error));
    for (const struct addrinfo *one = found; one && mi->fd < 0; one = one->ai_next) {
        mi->fd = socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (mi->fd >= 0 && connect(mi->fd, one->ai_addr, one->ai_addrlen) < 0) {
            close(mi->fd);
            mi->fd = -1;
        }
    }
    freeaddrinfo(found);
    return mi->fd >= 0 ? TOCSIN_OK : fail(mi, strerror(errno));
}

/* Whether the reply is that to the last request, and not a late one. */
static bool is_reply(struct mi *mi)
{
    text_clear(&mi->value);
    if (json_read_value(text_span(&mi->reply), MI_DEPTH_MAX, &mi->value, NULL))
        return false;
    struct span id = value_member(text_span(&mi->value), "id");
    struct wire_reader reader = wire_reader_of(id);
    uint64_t number;
    return id.data && wire_read_uint(&reader, &number) && number == mi->id;
}

static int receive(struct mi *mi)
{
    int64_t end_us = clock_deadline_us(clock_now_us(), REPLY_MS);
    for (;;) {
        struct pollfd wait = {.fd = mi->fd, .events = POLLIN};
        if (poll(&wait, 1, clock_left_ms(end_us, clock_now_us())) <= 0)
            return fail(mi, "no reply");
        text_clear(&mi->reply);
        if (!text_reserve(&mi->reply, REPLY_MAX))
            return fail(mi, "out of memory");
        ssize_t len = recv(mi->fd, mi->reply.data, REPLY_MAX, 0);
        if (len < 0 && errno != EAGAIN && errno != EINTR)
            return fail(mi, strerror(errno));
        mi->reply.len = len > 0 ? (size_t)len : 0;
        if (is_reply(mi))
            return TOCSIN_OK;
    }
}

int mi_datagram_ask(struct mi *mi)
{
    int error = mi->fd < 0 ? connect_to(mi) : TOCSIN_OK;
    if (error)
        return error;
    error = send(mi->fd, mi->request.data, mi->request.len, MSG_NOSIGNAL) < 0 ? fail(mi, strerror(errno)) : receive(mi);
    if (error) { /* the next time by a new socket, perhaps to another address */
        close(mi->fd);
        mi->fd = -1;
    }
    return error;
}
