#include "client/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

void *watch_open_for(void *context, void *socket, int events)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "inproc://tocsin-watch-%p", socket);
    if (zmq_socket_monitor(socket, endpoint, events) != 0)
        return NULL;
    void *watch = zmq_socket(context, ZMQ_PAIR);
    int zero = 0;
    if (watch && zmq_setsockopt(watch, ZMQ_RCVHWM, &zero, sizeof zero) == 0 &&
        zmq_setsockopt(watch, ZMQ_LINGER, &zero, sizeof zero) == 0 && zmq_connect(watch, endpoint) == 0)
        return watch;
    zmq_socket_monitor(socket, NULL, 0);
    if (watch)
        zmq_close(watch);
    return NULL;
}

void *watch_open(void *context, void *socket)
{
    return watch_open_for(context, socket, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
}

/* An event is a frame with its number and value, and a frame with an address, which is there with the first: nothing but
 * a signal can come between. */
uint16_t watch_take(void *watch)
{
    uint16_t event = 0;
    uint8_t frame[6];
    if (zmq_recv(watch, frame, sizeof frame, ZMQ_DONTWAIT) < (int)sizeof frame)
        return 0;
    memcpy(&event, frame, sizeof event);
    for (int tries = 0; tries < 10 && zmq_recv(watch, NULL, 0, ZMQ_DONTWAIT) < 0 && errno == EINTR;)
        tries++;
    return event;
}

unsigned watch_take_handshakes(void *watch)
{
    unsigned handshakes = 0;
    for (uint16_t event; (event = watch_take(watch)) != 0;)
        handshakes += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    return handshakes;
}

void watch_close(void **watch, void *socket)
{
    if (!*watch)
        return;
    zmq_socket_monitor(socket, NULL, 0);
    zmq_close(*watch);
    *watch = NULL;
}
