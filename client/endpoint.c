#include "client/endpoint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "proto/tocsin_base.h"

#define HOST_MAX          253
#define BASE_PORT_DEFAULT 5560
#define BASE_PORT_MAX     (65536 - ENDPOINT_KIND_COUNT)

/* The port that a whole text says; -1 when it says none. */
static int read_base_port(const char *text)
{
    int port = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && port <= BASE_PORT_MAX; at++)
        port = port * 10 + (*at - '0');
    return at != text && *at == '\0' && port > 0 && port <= BASE_PORT_MAX ? port : -1;
}

/* Where the host ends: at the colon before the port, or at the end. */
static const char *host_end(const char *host)
{
    if (*host == '[') {
        const char *bracket = strchr(host, ']');
        return bracket ? bracket + 1 : host;
    }
    return host + strcspn(host, ":");
}

static bool is_host(const char *host, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    static const char allowed_v6[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:.%";
    if (len == 0 || len > HOST_MAX)
        return false;
    if (*host == '[')
        return len > 2 && strspn(host + 1, allowed_v6) == len - 2;
    return strspn(host, allowed) >= len;
}

int endpoint_of_server(const char *server, enum endpoint_kind kind, char *out)
{
    const char *host = server ? server : ENDPOINT_SERVER_DEFAULT;
    if (strncmp(host, "tcp://", 6) == 0)
        host += 6;
    const char *end = host_end(host);
    size_t len = (size_t)(end - host);
    if (!is_host(host, len) || (*end != '\0' && *end != ':'))
        return TOCSIN_E_INVALID;
    int port = *end == ':' ? read_base_port(end + 1) : BASE_PORT_DEFAULT;
    if (port < 0)
        return TOCSIN_E_INVALID;
    snprintf(out, ENDPOINT_MAX, "tcp://%.*s:%d", (int)len, host, port + (int)kind);
    return TOCSIN_OK;
}

int endpoint_choose(const char *own, const char *server, enum endpoint_kind kind, char *out)
{
    if (!own)
        return endpoint_of_server(server, kind, out);
    static const char *const transports[] = {"tcp://", "ipc://", "inproc://"};
    size_t len = strlen(own);
    if (len >= ENDPOINT_MAX)
        return TOCSIN_E_INVALID;
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
        size_t transport_len = strlen(transports[i]);
        if (strncmp(own, transports[i], transport_len) == 0 && len > transport_len) {
            memcpy(out, own, len + 1);
            return TOCSIN_OK;
        }
    }
    return TOCSIN_E_INVALID;
}
