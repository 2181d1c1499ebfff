/* Watches a socket for connections that are made: libzmq's monitor, used with care. The events are sent by libzmq's I/O
 * thread, which must never wait for us: the watch has no high water mark, and asks for one kind of event only. */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

/* Begins to watch `socket`, before it connects. NULL when libzmq has no more sockets or memory. */
void *watch_open(void *context, void *socket);

/* How many handshakes have succeeded since the last call. */
unsigned watch_take_handshakes(void *watch);

/* Ends the watch, before its socket is closed. Leaves NULL. */
void watch_close(void **watch, void *socket);

#endif
