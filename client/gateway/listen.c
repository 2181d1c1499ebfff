/* Listening: sockets are bound, and each second the kernel's drops are read and slow connections closed. */
#include "client/gateway/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/kernel_drops.h"

#define CHECK_EVERY_US 1000000
#define BACKLOG        512
#define ROOM_MIN       ((size_t)32 * 65536) /* a batch of UDP */
#define DRAIN_US       2000000

static void count_drops(struct listen_socket *socket)
{
    uint64_t drops;
    if (socket->kind != ADDRESS_UDP || !kernel_drops_read(socket->watch.fd, &drops) || drops <= socket->drops)
        return;
    uint64_t more = drops - socket->drops;
    socket->drops = drops;
    counts_complain(socket->listen->counts, COUNT_DROPPED_KERNEL, more,
                    "%s: the kernel dropped %llu datagrams, because they came faster than they were read",
                    socket->where, (unsigned long long)more);
}

static void check(struct loop_timer *timer, int64_t now_us)
{
    struct listen *listen = (struct listen *)((char *)timer - offsetof(struct listen, timer));
    for (struct listen_socket *socket = listen->sockets; socket; socket = socket->next) {
        count_drops(socket);
        if (socket->is_muted)
            loop_change(listen->loop, &socket->watch, EPOLLIN);
        socket->is_muted = false;
    }
    listen_check_connections(listen, now_us);
}

bool listen_init(struct listen *listen, struct loop *loop, struct counts *counts,
                 const struct listen_settings *settings)
{
    *listen = (struct listen){.settings = *settings, .loop = loop, .counts = counts};
    listen->room_len = settings->max_message_bytes > ROOM_MIN ? settings->max_message_bytes : ROOM_MIN;
    listen->room = malloc(listen->room_len);
    listen->timer = (struct loop_timer){.every_us = CHECK_EVERY_US, .ring = check};
    loop_every(loop, &listen->timer);
    if (!listen->room)
        complain("out of memory");
    return listen->room != NULL;
}

static void ready(struct loop_watch *watch, uint32_t events)
{
    (void)events;
    struct listen_socket *socket = (struct listen_socket *)watch;
    if (socket->is_stream)
        listen_accept(socket);
    else
        listen_read_datagrams(socket);
}

static void set_receive_buffer(const struct listen_socket *listener)
{
    int wanted = listener->listen->settings.receive_buffer_bytes, given = 0, fd = listener->watch.fd;
    socklen_t len = sizeof given;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &len);
    given /= 2; /* the kernel tells twice what it was asked for */
    if (given < wanted && !listener->listen->settings.is_quiet)
        complain("%s: a receive buffer of %d bytes, where %d were wanted (sysctl net.core.rmem_max)", listener->where,
                 given, wanted);
}

static struct listen_socket *new_socket(struct listen *listen, enum address_kind kind, int family, int type)
{
    struct listen_socket *listener = calloc(1, sizeof *listener);
    if (!listener)
        return NULL;
    listener->listen = listen;
    listener->kind = kind;
    listener->is_stream = type == SOCK_STREAM;
    listener->watch = (struct loop_watch){socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), ready};
    return listener;
}

static void free_socket(struct listen_socket *listener)
{
    if (listener->watch.fd >= 0) {
        loop_remove(listener->listen->loop, &listener->watch);
        close(listener->watch.fd);
    }
    unix_path_remove(&listener->path);
    free(listener);
}

/* A bound socket begins to listen, and is the listener's to free. */
static bool begin(struct listen_socket *listener, const struct listen_protocol *protocol, void *context)
{
    struct listen *owner = listener->listen;
    listener->protocol = protocol;
    listener->context = context;
    if (!listener->is_stream && listener->kind == ADDRESS_UDP)
        set_receive_buffer(listener);
    if ((listener->is_stream && listen(listener->watch.fd, BACKLOG) < 0) ||
        !loop_add(owner->loop, &listener->watch, EPOLLIN)) {
        complain("cannot listen at %s: %s", listener->where, strerror(errno));
        free_socket(listener);
        return false;
    }
    listener->next = owner->sockets;
    owner->sockets = listener;
    if (!owner->settings.is_quiet)
        complain("listening at %s", listener->where);
    return true;
}

static bool add_unix(struct listen *listen, const char *path, const struct listen_protocol *protocol, void *context)
{
    struct listen_socket *listener = new_socket(listen, ADDRESS_UNIX, AF_UNIX, protocol->unix_type);
    if (!listener)
        return false;
    if (listener->watch.fd < 0 ||
        !unix_path_bind(&listener->path, path, listener->watch.fd, protocol->unix_type, listen->settings.socket_mode)) {
        free_socket(listener);
        return false;
    }
    struct sockaddr_storage address = {0};
    memcpy(&address, &listener->path.address, sizeof listener->path.address);
    address_write(ADDRESS_UNIX, &address, listener->where);
    return begin(listener, protocol, context);
}

static bool bind_to(const struct listen_socket *listener, const struct addrinfo *found)
{
    int on = 1, fd = listener->watch.fd;
    if (fd < 0)
        return false;
    if (found->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on); /* IPv4 has a socket of its own */
    if (listener->is_stream)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, found->ai_addr, found->ai_addrlen) == 0;
}

/* One address of perhaps several. A family that this host has not is passed over. */
static int add_found(struct listen *listen, enum address_kind kind, const struct addrinfo *found,
                     const struct listen_protocol *protocol, void *context)
{
    struct listen_socket *listener = new_socket(listen, kind, found->ai_family, found->ai_socktype);
    if (!listener)
        return -1;
    struct sockaddr_storage address = {0};
    memcpy(&address, found->ai_addr, found->ai_addrlen);
    address_write(kind, &address, listener->where);
    if (!bind_to(listener, found)) {
        int error = errno;
        bool is_absent = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
        if (!is_absent)
            complain("cannot listen at %s: %s", listener->where, strerror(error));
        free_socket(listener);
        return is_absent ? 0 : -1;
    }
    socklen_t len = sizeof address;
    getsockname(listener->watch.fd, (struct sockaddr *)&address, &len);
    address_write(kind, &address, listener->where);
    return begin(listener, protocol, context) ? 1 : -1;
}

bool listen_add(struct listen *listen, const char *endpoint, const struct listen_protocol *protocol, void *context)
{
    struct address address;
    if (!address_read(endpoint, &address))
        return false;
    if (address.kind == ADDRESS_UDP && !protocol->datagram) {
        complain("--listen: \"%s\" is not allowed: this kind takes no datagrams", endpoint);
        return false;
    }
    if (address.kind == ADDRESS_UNIX)
        return add_unix(listen, address.host, protocol, context);
    struct addrinfo *all = address_resolve(&address);
    int added = 0, count = 0;
    for (const struct addrinfo *found = all; found && added >= 0; found = found->ai_next) {
        added = add_found(listen, address.kind, found, protocol, context);
        count += added;
    }
    if (all)
        freeaddrinfo(all);
    if (all && added >= 0 && count == 0)
        complain("cannot listen at %s: this host has no such address", endpoint);
    return added >= 0 && count > 0;
}

void listen_drain(struct listen *listen)
{
    int64_t end_us = clock_now_us() + DRAIN_US;
    while (listen->sockets) {
        struct listen_socket *listener = listen->sockets;
        while (!listener->is_stream && clock_now_us() < end_us && listen_read_datagrams(listener)) {
        }
        count_drops(listener);
        listen->sockets = listener->next;
        free_socket(listener);
    }
    uint64_t before;
    do { /* what has come already, piece by piece */
        before = counts_get(listen->counts, COUNT_BYTES);
        for (struct listen_connection *connection = listen->connections, *next; connection; connection = next) {
            next = connection->next;
            listen_read_connection(connection);
        }
    } while (counts_get(listen->counts, COUNT_BYTES) > before && clock_now_us() < end_us);
}

void listen_close(struct listen *listen)
{
    while (listen->sockets) {
        struct listen_socket *listener = listen->sockets;
        listen->sockets = listener->next;
        free_socket(listener);
    }
    while (listen->connections) {
        struct listen_connection *connection = listen->connections;
        if (connection->in.len > 0)
            counts_complain(listen->counts, COUNT_REFUSED_CUT, 1, "%s: ended with %zu bytes that were not taken",
                            connection->where, connection->in.len);
        listen_end_connection(connection);
    }
    free(listen->room);
    listen->room = NULL;
}
