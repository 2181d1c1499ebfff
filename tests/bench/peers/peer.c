#include "tests/bench/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER(name)                            extern const struct peer name;
#define KEEPER(name, can_run, needs_consumer) extern const struct peer name;
#include "tests/bench/peers/peers.def"
#undef PEER
#undef KEEPER

const struct peer *const peers[] = {
#define PEER(name) &name,
#define KEEPER(name, can_run, needs_consumer)
#include "tests/bench/peers/peers.def"
#undef PEER
#undef KEEPER
    NULL,
};

const struct keeper keepers[] = {
#define PEER(name)
#define KEEPER(name, can_run, needs_consumer) {&name, can_run, needs_consumer},
#include "tests/bench/peers/peers.def"
#undef PEER
#undef KEEPER
    {NULL, NULL, false},
};

bool peer_exists(const struct peer *peer)
{
    return !peer->way->program || server_exists(peer->way->program);
}

bool peer_is_wanted(const struct peer *peer, char *const *wanted, int count)
{
    bool is_named = count == 0;
    for (int i = 0; i < count; i++)
        is_named = is_named || strstr(peer->name, wanted[i]) || strstr(peer->how, wanted[i]);
    return is_named;
}

void peer_serve(const char *peer, struct server *server, const char *const *words)
{
    server_run(server, words);
    if (!server_await_port(server))
        peer_fail(peer, words[0], "does not start");
}

void reader_start(struct reader *reader, const char *peer, void *(*read)(void *), void *consumer)
{
    peer_check(pthread_create(&reader->thread, NULL, read, consumer) == 0, peer, "thread");
}

void reader_stop(struct reader *reader)
{
    atomic_store(&reader->must_stop, true);
    pthread_join(reader->thread, NULL);
}

void peer_check(bool is_well, const char *peer, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "%s: %s\n", peer, what);
    exit(1);
}

void peer_fail(const char *peer, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", peer, what, why);
    exit(1);
}

void *peer_new(size_t size)
{
    void *memory = calloc(1, size);
    peer_check(memory != NULL, "bench", "out of memory");
    return memory;
}
