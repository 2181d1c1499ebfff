/* The broker's sockets, with every option that facts about libzmq make necessary (PROTOCOL.md section 6). */
#ifndef BROKER_DOORS_H
#define BROKER_DOORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/curve_key.h"
#include "proto/text.h"

#define DOOR_ENDPOINT_MAX 300

/* Live doors that carry only a part of what is published, and how they are called: live/NAME. */
#define DOOR_REALMS_MAX     8
#define DOOR_REALM_NAME_MAX 64
#define DOOR_REALM_PREFIX   "live/"

/* One bound socket. */
struct door {
    void *socket;                     /* NULL: shut */
    bool is_secured;                  /* whoever is there has shown a key of the access file */
    int peer_type;                    /* of the sockets that connect */
    const char *name;                 /* borrowed: ingest, append, live, live/REALM, stream */
    char endpoint[DOOR_ENDPOINT_MAX]; /* where it really is */
};

/* The broker's own key. */
struct door_key {
    uint8_t public_key[CURVE_KEY_LEN];
    uint8_t secret_key[CURVE_KEY_LEN];
};

/* Bind the sockets; `endpoint` NULL leaves the door shut and succeeds. With a `key` (else NULL) TCP is encrypted with
 * CURVE, and the handler of zap.h decides who comes in. The socket may be handed to another thread.
 * Errors, with a sentence in `message` that names `name` and says what to do: TOCSIN_E_LOCKED the address is in use,
 * TOCSIN_E_INVALID it is none of this machine or not allowed, TOCSIN_E_IO anything else. */
int door_open_ingest(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     uint64_t max_event_bytes, struct text *message);
int door_open_append(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     uint64_t max_event_bytes, struct text *message);
int door_open_stream(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     struct text *message);
int door_open_live(struct door *door, const char *name, void *zmq, const struct door_key *key, const char *endpoint,
                   uint64_t hwm_frames, struct text *message);

/* Tries a secured door with a key that nobody has: TOCSIN_OK when it is refused, as it must be. Errors:
 * TOCSIN_E_PROTOCOL, with a sentence in `message`. */
int door_try(const struct door *door, void *zmq, const struct door_key *key, struct text *message);

/* Begins a message to the peer behind `route` at a ROUTER: the parts that follow are its own. False with errno as
 * zmq_send sets it: EAGAIN, its queue is full; EHOSTUNREACH, it is gone. */
bool door_begin_message(struct door *door, struct span route);

/* Closes the socket; what was sent goes out for up to `linger_ms` while the context ends. */
void door_close(struct door *door, int linger_ms);

/* Ends a peer's connection, whatever libzmq means to do with it: by the TCP socket itself, which libzmq closes then. A
 * peer that is still sending is reset at once: else it could wait for a minute for room that never comes. */
bool door_end_connection(int fd);

/* What stands for the socket behind a descriptor; 0 when there is none. */
uint64_t door_socket_inode(int fd);

/* As door_end_connection, if that socket is still behind the descriptor. */
bool door_end_connection_of(int fd, uint64_t inode);

#endif
