/* Watches a socket for what becomes of its connections: libzmq's monitor, used with care. The events are sent by libzmq's
 * I/O thread, which must never wait for us: the watch has no high water mark, and asks for no more than is wanted. */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include <stdint.h>

/* Begins to watch `socket` for handshakes that succeed, before it connects. NULL when libzmq has no more sockets or
 * memory. */
void *watch_open(void *context, void *socket);

/* The same for other events, of libzmq's ZMQ_EVENT_…; read with watch_take. */
void *watch_open_for(void *context, void *socket, int events);

/* The next event; 0: there is none now. */
uint16_t watch_take(void *watch);

/* How many handshakes have succeeded since the last call. */
unsigned watch_take_handshakes(void *watch);

/* Ends the watch, before its socket is closed. Leaves NULL. */
void watch_close(void **watch, void *socket);

#endif
