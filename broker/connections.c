#include "broker/connections.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A subscription costs so many times its length in libzmq's tree of topics, and a PUB tells nobody of it. */
#define SUBSCRIPTION_TIMES 40

void connections_init(struct connections *connections, const struct door *const doors[CONNECTIONS_DOORS],
                      const struct taken *taken)
{
    *connections = (struct connections){.taken = taken};
    for (size_t i = 0; i < CONNECTIONS_DOORS; i++)
        connections->doors[i] = doors[i];
}

void connections_fini(struct connections *connections)
{
    connections_forget(connections);
}

void connections_forget(struct connections *connections)
{
    free(connections->items);
    connections->items = NULL;
    connections->count = 0;
}

static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    return address->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)address)->sin6_port) : 0;
}

const struct door *connections_door_of(const struct door *const doors[CONNECTIONS_DOORS], int fd)
{
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof own;
    if (getsockname(fd, (struct sockaddr *)&own, &len) != 0)
        return NULL;
    unsigned port = port_of(&own);
    for (size_t i = 0; i < CONNECTIONS_DOORS && port > 0; i++) {
        const struct door *door = doors[i];
        const char *colon = strrchr(door->endpoint, ':');
        if (door->socket && strncmp(door->endpoint, "tcp://", 6) == 0 && colon && strtoul(colon + 1, NULL, 10) == port)
            return door;
    }
    return NULL;
}

/* The door that a connected socket came in by; NULL: by none. */
static const struct door *door_of(const struct connections *connections, int fd)
{
    struct sockaddr_storage other = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof other;
    bool is_connected = getpeername(fd, (struct sockaddr *)&other, &len) == 0;
    return is_connected ? connections_door_of(connections->doors, fd) : NULL;
}

void connections_put_address(int fd, char *out, size_t size)
{
    struct sockaddr_storage other = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof other;
    out[0] = '\0';
    if (getpeername(fd, (struct sockaddr *)&other, &len) != 0)
        return;
    const void *address = other.ss_family == AF_INET ? (const void *)&((struct sockaddr_in *)&other)->sin_addr
                                                     : (const void *)&((struct sockaddr_in6 *)&other)->sin6_addr;
    inet_ntop(other.ss_family, address, out, (socklen_t)size);
}

static bool make_room(struct connections *connections, size_t index)
{
    if (index < connections->count)
        return true;
    size_t count = 2 * index + 64;
    struct connection *items = realloc(connections->items, count * sizeof *items);
    if (!items)
        return false;
    memset(items + connections->count, 0, (count - connections->count) * sizeof *items);
    connections->items = items;
    connections->count = count;
    return true;
}

static uint64_t taken_of(const struct connections *connections, int fd)
{
    const struct taken *taken = connections->taken;
    return (size_t)fd < taken->count ? atomic_load_explicit(&taken->bytes[fd], memory_order_relaxed) : 0;
}

/* What is held may seem to be less than nothing where a descriptor's former connection was read meanwhile. */
static void weigh(struct connections *connections, struct connection *connection, int fd, const struct tcp_info *info,
                  uint64_t now_us)
{
    uint64_t unread = info->tcpi_bytes_received - taken_of(connections, fd);
    if ((int64_t)(unread - connection->base) < 0)
        connection->base = unread;
    connection->held_bytes = unread - connection->base;
    if (connection->door->peer_type == ZMQ_SUB)
        connection->held_bytes *= SUBSCRIPTION_TIMES;
    bool takes = info->tcpi_notsent_bytes == 0 || info->tcpi_bytes_acked != connection->acked_bytes;
    connection->acked_bytes = info->tcpi_bytes_acked;
    if (takes)
        connection->stalled_us = 0;
    else if (connection->stalled_us == 0)
        connection->stalled_us = now_us;
}

static void look_at(struct connections *connections, int fd, uint64_t now_us)
{
    struct stat stat;
    struct tcp_info info = {.tcpi_state = 0};
    socklen_t len = sizeof info;
    if (fstat(fd, &stat) != 0 || !S_ISSOCK(stat.st_mode) || !make_room(connections, (size_t)fd))
        return;
    struct connection *connection = &connections->items[fd];
    bool is_known = connection->inode == (uint64_t)stat.st_ino;
    if (!is_known)
        *connection = (struct connection){.inode = (uint64_t)stat.st_ino, .door = door_of(connections, fd)};
    if (!connection->door || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return;
    if (!is_known && connection->door->peer_type != ZMQ_SUB) /* what subscribers have brought stays */
        connection->base = info.tcpi_bytes_received - taken_of(connections, fd);
    weigh(connections, connection, fd, &info, now_us);
    connections->held_bytes += connection->held_bytes;
    if (connection->held_bytes > connections->worst_bytes)
        connections->worst_bytes = connection->held_bytes;
}

void connections_look(struct connections *connections, uint64_t now_us)
{
    DIR *directory = opendir("/proc/self/fd");
    connections->held_bytes = 0;
    connections->worst_bytes = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] != '.')
            look_at(connections, (int)strtol(entry->d_name, NULL, 10), now_us);
    }
    if (directory)
        closedir(directory);
}

/* The copy keeps the descriptor's socket from becoming another one between the look and the deed. */
static bool end_one(int fd, const struct connection *connection, struct connection_worst *worst)
{
    int copy = dup(fd);
    if (copy < 0)
        return false;
    bool is_same = door_socket_inode(copy) == connection->inode;
    if (is_same && (!worst->door || connection->held_bytes > worst->held_bytes)) {
        worst->door = connection->door;
        worst->held_bytes = connection->held_bytes;
        connections_put_address(copy, worst->address, sizeof worst->address);
    }
    bool is_ended = is_same && door_end_connection(copy);
    close(copy);
    return is_ended;
}

size_t connections_end(struct connections *connections, bool (*is_meant)(const struct connection *, uint64_t than),
                       uint64_t than, struct connection_worst *worst)
{
    size_t ended = 0;
    *worst = (struct connection_worst){.door = NULL};
    for (size_t i = 0; i < connections->count; i++) {
        struct connection *connection = &connections->items[i];
        if (connection->inode == 0 || !connection->door || !is_meant(connection, than))
            continue;
        ended += end_one((int)i, connection, worst);
        *connection = (struct connection){.inode = 0};
    }
    return ended;
}
