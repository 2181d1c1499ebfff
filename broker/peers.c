#include "broker/peers.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>

#define DESCRIPTORS_MAX (1u << 20)

void peers_init(struct peers *peers)
{
    *peers = (struct peers){.items = NULL};
}

void peers_fini(struct peers *peers)
{
    free(peers->items);
    peers_init(peers);
}

static bool make_room(struct peers *peers, size_t index)
{
    size_t count = peers->count ? peers->count : 64;
    if (index < peers->count)
        return true;
    while (count <= index)
        count *= 2;
    struct peer *items = index < DESCRIPTORS_MAX ? realloc(peers->items, count * sizeof *items) : NULL;
    if (!items)
        return false;
    memset(items + peers->count, 0, (count - peers->count) * sizeof *items);
    peers->items = items;
    peers->count = count;
    return true;
}

/* Its connection may be gone and the descriptor another one's since: of those at least nobody else's host is met. */
static bool is_from(int fd, zmq_msg_t *message)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
    const char *sender = zmq_msg_gets(message, "Peer-Address");
    return sender && getpeername(fd, (struct sockaddr *)&address, &len) == 0 &&
           getnameinfo((struct sockaddr *)&address, len, host, sizeof host, NULL, 0, NI_NUMERICHOST) == 0 &&
           strcmp(host, sender) == 0;
}

struct peer *peers_note(struct peers *peers, const struct door *door, zmq_msg_t *message, access_id owner)
{
    int fd = zmq_msg_get(message, ZMQ_SRCFD);
    uint64_t inode = fd >= 0 ? door_socket_inode(fd) : 0;
    if (inode == 0 || !is_from(fd, message) || !make_room(peers, (size_t)fd))
        return NULL;
    struct peer *peer = &peers->items[fd];
    peers->known += peer->inode == 0;
    if (peer->inode != inode || peer->owner != owner || peer->door != door)
        *peer = (struct peer){.inode = inode, .owner = owner, .door = door};
    return peer;
}

/* The connection is ended after the grace. */
static void kick(struct peer *peer, uint64_t now_us)
{
    if (peer->kick_us == 0)
        peer->kick_us = now_us + PEERS_GRACE_US;
}

uint64_t peers_sweep(struct peers *peers, uint64_t now_us, bool (*may_stay)(void *arg, const struct peer *peer),
                     void *arg, size_t *ended)
{
    uint64_t next_us = 0;
    *ended = 0;
    for (size_t i = 0; i < peers->count && peers->known > 0; i++) {
        struct peer *peer = &peers->items[i];
        if (peer->inode == 0)
            continue;
        if (peer->kick_us == 0 && !may_stay(arg, peer))
            kick(peer, now_us);
        if (peer->kick_us == 0)
            continue;
        if (now_us >= peer->kick_us) {
            *ended += door_end_connection_of((int)i, peer->inode);
            *peer = (struct peer){.inode = 0};
            peers->known--;
        } else if (next_us == 0 || peer->kick_us < next_us) {
            next_us = peer->kick_us;
        }
    }
    return next_us;
}
