/* A door that lets everybody in looks, to those who belong, like one that works: so it is tried before it counts. */
#include <stdio.h>
#include <zmq.h>

#include "broker/doors.h"
#include "proto/tocsin_base.h"

#define TRY_MS 10000

/* What a handshake came to: an event of zmq_socket_monitor, 0 when nothing came in time. */
static uint16_t wait_event(void *monitor)
{
    zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
    uint16_t event = 0;
    uint8_t frame[6];
    if (zmq_poll(&item, 1, TRY_MS) == 1 && zmq_recv(monitor, frame, sizeof frame, 0) >= (int)sizeof event)
        memcpy(&event, frame, sizeof event);
    return event;
}

static bool connect_stranger(void *socket, const struct door *door, const struct door_key *key)
{
    char public_text[CURVE_Z85_LEN + 1], secret_text[CURVE_Z85_LEN + 1];
    int is_v6 = strchr(door->endpoint, '[') != NULL;
    return zmq_curve_keypair(public_text, secret_text) == 0 &&
           zmq_setsockopt(socket, ZMQ_IPV6, &is_v6, sizeof is_v6) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key->public_key, CURVE_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_text, sizeof public_text) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_text, sizeof secret_text) == 0 &&
           zmq_connect(socket, door->endpoint) == 0;
}

int door_try(const struct door *door, void *zmq, const struct door_key *key, struct text *message)
{
    char endpoint[64];
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    int zero = 0;
    uint16_t event = 0;
    if (!door->socket || !door->is_secured)
        return TOCSIN_OK;
    /* of its own for each door: an address is free again only when a thread of libzmq has come to it */
    snprintf(endpoint, sizeof endpoint, "inproc://door-try-%s", door->name);
    void *socket = zmq_socket(zmq, door->peer_type);
    void *monitor = zmq_socket(zmq, ZMQ_PAIR);
    if (socket && monitor && zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof zero) == 0 &&
        zmq_setsockopt(monitor, ZMQ_RCVHWM, &zero, sizeof zero) == 0 &&
        zmq_socket_monitor(socket, endpoint, events) == 0 && zmq_connect(monitor, endpoint) == 0 &&
        connect_stranger(socket, door, key))
        event = wait_event(monitor);
    if (socket) {
        zmq_socket_monitor(socket, NULL, 0);
        zmq_close(socket);
    }
    if (monitor)
        zmq_close(monitor);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return TOCSIN_OK;
    text_printf(message,
                event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
                    ? "%s: a key that nobody has was let in at %s; libzmq does not do what it is asked to"
                    : "%s: %s could not be tried with a key that nobody has, so nobody knows whether it is refused",
                door->name, door->endpoint);
    return TOCSIN_E_PROTOCOL;
}
