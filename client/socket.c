#include "client/socket.h"

#include <stddef.h>
#include <string.h>
#include <zmq.h>

bool socket_set_defaults(void *socket, const char *endpoint, const struct curve *curve, int64_t max_message_bytes)
{
    static const struct {
        int option;
        int value;
    } settings[] = {
        {ZMQ_LINGER, 0},        {ZMQ_RECONNECT_IVL, 100},     {ZMQ_RECONNECT_IVL_MAX, 2000}, {ZMQ_HANDSHAKE_IVL, 5000},
        {ZMQ_TCP_KEEPALIVE, 1}, {ZMQ_TCP_KEEPALIVE_IDLE, 30}, {ZMQ_TCP_KEEPALIVE_INTVL, 5},  {ZMQ_TCP_KEEPALIVE_CNT, 3},
        {ZMQ_TCP_MAXRT, 15000}, /* covers what was sent and is not acknowledged, which keepalive does not */
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (zmq_setsockopt(socket, settings[i].option, &settings[i].value, sizeof settings[i].value) != 0)
            return false;
    }
    /* Only where it is asked for: a name that has both kinds of address would be tried at the first one alone. */
    int is_v6 = strncmp(endpoint, "tcp://[", 7) == 0;
    if (zmq_setsockopt(socket, ZMQ_IPV6, &is_v6, sizeof is_v6) != 0)
        return false;
    if (!curve_set(socket, endpoint, curve))
        return false;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_message_bytes, sizeof max_message_bytes) == 0;
}
