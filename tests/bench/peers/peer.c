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
    return !peer->program || server_exists(peer->program);
}

bool peer_is_wanted(const struct peer *peer, char *const *wanted, int count)
{
    bool is_named = count == 0;
    for (int i = 0; i < count; i++)
        is_named = is_named || strstr(peer->name, wanted[i]) || strstr(peer->how, wanted[i]);
    return is_named;
}

void peer_check(bool is_well, const char *peer, const char *what)
{
    if (is_well)
        return;
    fprintf(stderr, "%s: %s\n", peer, what);
    exit(1);
}

void *peer_new(size_t size)
{
    void *memory = calloc(1, size);
    peer_check(memory != NULL, "bench", "out of memory");
    return memory;
}
