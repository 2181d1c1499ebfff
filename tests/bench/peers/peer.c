#include "tests/bench/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>

#define PEER(name) extern const struct peer name;
#include "tests/bench/peers/peers.def"
#undef PEER

const struct peer *const peers[] = {
#define PEER(name) &name,
#include "tests/bench/peers/peers.def"
#undef PEER
    NULL,
};

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
