/* The broker's append door for tests of the client: a ROUTER socket in a thread of its own, which says exactly what
 * arrives. The scenarios have the real one. */
#ifndef TEST_APPEND_PEER_H
#define TEST_APPEND_PEER_H

#include "test_client_peer.h"

#include <pthread.h>
#include <stdatomic.h>

#define APPEND_PEER_ROUTE_MAX 64

/* What it makes of puts; the last two once. */
enum append_peer_mood {
    APPEND_PEER_ANSWERS,
    APPEND_PEER_IS_SILENT,
    APPEND_PEER_TALKS_NONSENSE,
    APPEND_PEER_HAS_ANOTHER
};

/* Its thread's, but for what is atomic, and where it is. */
struct append_peer {
    void *context;
    void *socket;
    char endpoint[PEER_ENDPOINT_MAX];
    pthread_t thread;
    atomic_bool is_over;
    atomic_int mood;
    atomic_uint hellos;
    atomic_bool saw_gap; /* a put with a number that is not behind those it had */
    uint8_t route[APPEND_PEER_ROUTE_MAX];
    size_t route_len;
    uint64_t last_n;
    uint64_t acked_n;
    struct text out;
};

/* Stands at a free port. */
void append_peer_start(struct append_peer *peer);

void append_peer_stop(struct append_peer *peer);

#endif
