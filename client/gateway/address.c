#include "client/gateway/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "client/complain.h"

static bool refuse(const char *text, const char *reason)
{
    complain("--listen: \"%s\" is not allowed: %s", text, reason);
    return false;
}

static bool read_path(const char *text, const char *path, struct address *address)
{
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return refuse(text, "a path of a unix socket has 1 to 107 bytes");
    memcpy(address->host, path, len + 1);
    return true;
}

static bool is_port(const char *text)
{
    size_t len = strlen(text);
    unsigned port = 0;
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
        return false;
    for (; *text; text++)
        port = port * 10 + (unsigned)(*text - '0');
    return port <= 65535;
}

static bool read_host_port(const char *text, const char *host, struct address *address)
{
    const char *colon = strrchr(host, ':');
    if (!colon || !is_port(colon + 1))
        return refuse(text, "it ends with :PORT, 0 to 65535");
    size_t len = (size_t)(colon - host);
    bool is_in_brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (is_in_brackets) {
        host++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof address->host || (!is_in_brackets && memchr(host, ':', len)))
        return refuse(text, "HOST is a name, an IPv4 address, an IPv6 address in brackets, or *");
    if (len != 1 || *host != '*')
        memcpy(address->host, host, len);
    strcpy(address->port, colon + 1);
    return true;
}

bool address_read(const char *text, struct address *address)
{
    memset(address, 0, sizeof *address);
    if (strncmp(text, "unix:", 5) == 0) {
        address->kind = ADDRESS_UNIX;
        return read_path(text, text + 5, address);
    }
    bool is_udp = strncmp(text, "udp:", 4) == 0;
    if (!is_udp && strncmp(text, "tcp:", 4) != 0)
        return refuse(text, "it begins with udp:, tcp: or unix:");
    address->kind = is_udp ? ADDRESS_UDP : ADDRESS_TCP;
    return read_host_port(text, text + 4, address);
}

struct addrinfo *address_resolve(const struct address *address)
{
    struct addrinfo hints = {
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
        .ai_socktype = address->kind == ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    int error = getaddrinfo(*address->host ? address->host : NULL, address->port, &hints, &found);
    if (error)
        complain("--listen: %s: %s", address->host, gai_strerror(error));
    return error ? NULL : found;
}

void address_write(enum address_kind kind, const struct sockaddr_storage *socket_address, char *out)
{
    char host[INET6_ADDRSTRLEN] = "?";
    const char *word = kind == ADDRESS_UDP ? "udp" : "tcp";
    if (socket_address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)socket_address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(out, ADDRESS_TEXT_MAX, "%s:%s:%u", word, host, ntohs(in->sin_port));
    } else if (socket_address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)socket_address;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        snprintf(out, ADDRESS_TEXT_MAX, "%s:[%s]:%u", word, host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_un *un = (const struct sockaddr_un *)socket_address;
        snprintf(out, ADDRESS_TEXT_MAX, "unix:%.*s", (int)sizeof un->sun_path, un->sun_path);
    }
}
