#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/gateway/listen.h"

#define READ_ROOM      65536
#define OUT_MAX        262144
#define BUFFERED_MAX   ((size_t)64 * 1024 * 1024)
#define NEWCOMER_US    1000000 /* so long a connection may stay without a message, whoever else wants its place */
#define KEEPALIVE_S    60
#define ACCEPT_AT_ONCE 64

static void unlink_connection(struct listen_connection *connection)
{
    struct listen *listen = connection->listen;
    *(connection->before ? &connection->before->next : &listen->connections) = connection->next;
    *(connection->next ? &connection->next->before : &listen->oldest) = connection->before;
    listen->connection_count--;
}

void listen_end_connection(struct listen_connection *connection)
{
    struct listen *listen = connection->listen;
    loop_remove(listen->loop, &connection->watch);
    close(connection->watch.fd);
    unlink_connection(connection);
    if (connection->protocol->closed)
        connection->protocol->closed(connection->context, connection);
    listen->buffered_bytes -= connection->in.capacity;
    text_fini(&connection->in);
    text_fini(&connection->out);
    free(connection);
}

/* What is waited for: bytes unless they could not be taken, room where something is to be sent. Where it is nothing the
 * watch is taken away, for a peer that hangs up would be told again and again. */
static bool update_watch(struct listen_connection *connection)
{
    struct loop *loop = connection->listen->loop;
    uint32_t wanted = connection->is_waiting || connection->is_ended ? 0 : EPOLLIN;
    wanted |= connection->out.len > 0 ? EPOLLOUT : 0U;
    uint32_t before = connection->watched;
    connection->watched = wanted;
    if (before == 0 && wanted != 0)
        return loop_add(loop, &connection->watch, wanted);
    if (before != 0 && wanted == 0)
        loop_remove(loop, &connection->watch);
    else if (before != wanted)
        loop_change(loop, &connection->watch, wanted);
    return true;
}

static void flush(struct listen_connection *connection)
{
    struct text *out = &connection->out;
    if (out->len == 0)
        return;
    ssize_t sent = send(connection->watch.fd, out->data, out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        connection->is_ended = connection->is_broken = true; /* nobody is there to read it */
    if (sent > 0) {
        memmove(out->data, out->data + sent, out->len - (size_t)sent);
        out->len -= (size_t)sent;
    }
}

void listen_send(struct listen_connection *connection, struct span bytes)
{
    text_put(&connection->out, bytes.data, bytes.len);
    flush(connection);
    if (connection->is_broken || (connection->out.len <= OUT_MAX && !connection->out.failed))
        return;
    counts_complain(connection->listen->counts, COUNT_CONNECTIONS_BROKEN, 1, "%s: does not read its answers",
                    connection->where);
    connection->is_broken = true;
}

static void forget_taken(struct listen_connection *connection, size_t taken)
{
    struct text *in = &connection->in;
    if (taken > 0) {
        memmove(in->data, in->data + taken, in->len - taken);
        in->len -= taken;
        connection->progress_us = clock_now_us();
    }
    if (in->len > 0)
        return;
    connection->listen->buffered_bytes -= in->capacity;
    text_fini(in);
    text_init(in);
}

/* Has the protocol take what is there. */
static void serve(struct listen_connection *connection)
{
    struct listen *listen = connection->listen;
    enum listen_verdict verdict = LISTEN_GO_ON;
    size_t taken = connection->protocol->stream(connection->context, connection, text_span(&connection->in),
                                                connection->is_ended, &verdict);
    forget_taken(connection, taken);
    connection->is_waiting = verdict == LISTEN_WAIT;
    if (verdict == LISTEN_CLOSE)
        connection->is_broken = true;
    else if (connection->in.len > 0 && listen->buffered_bytes > BUFFERED_MAX) {
        counts_complain(listen->counts, COUNT_CONNECTIONS_BROKEN, 1,
                        "%s: all connections together hold more than %zu bytes of messages without an end",
                        connection->where, BUFFERED_MAX);
        connection->is_broken = true;
    }
}

/* Ends the connection where it is time for that. */
static void settle(struct listen_connection *connection)
{
    bool is_over = connection->is_ended && !connection->is_waiting && connection->out.len == 0;
    if (connection->is_broken || is_over || !update_watch(connection))
        listen_end_connection(connection);
}

/* Reads what fits, once. */
static void receive(struct listen_connection *connection)
{
    struct text *in = &connection->in;
    struct listen *listen = connection->listen;
    size_t capacity = in->capacity;
    if (in->len == 0)
        connection->progress_us = clock_now_us();
    if (!text_reserve(in, READ_ROOM)) {
        connection->is_broken = true;
        return;
    }
    listen->buffered_bytes += in->capacity - capacity;
    ssize_t len = recv(connection->watch.fd, in->data + in->len, READ_ROOM, MSG_DONTWAIT);
    if (len > 0) {
        in->len += (size_t)len;
        counts_add(listen->counts, COUNT_BYTES, (uint64_t)len);
    } else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
        connection->is_ended = true;
    }
}

void listen_read_connection(struct listen_connection *connection)
{
    if (!connection->is_waiting && !connection->is_ended) {
        receive(connection);
        if (!connection->is_broken)
            serve(connection);
    }
    settle(connection);
}

static void ready(struct loop_watch *watch, uint32_t events)
{
    struct listen_connection *connection = (struct listen_connection *)watch;
    if (events & EPOLLOUT)
        flush(connection);
    listen_read_connection(connection);
}

/* A place for one more: there is one, or one that has never been of use is taken away from its holder. */
static bool make_room(struct listen *listen)
{
    if (listen->connection_count < listen->settings.max_connections)
        return true;
    int64_t now_us = clock_now_us();
    for (struct listen_connection *old = listen->oldest; old; old = old->before) {
        if (old->messages > 0 || old->is_waiting || now_us - old->opened_us < NEWCOMER_US)
            continue;
        counts_complain(listen->counts, COUNT_CONNECTIONS_SLOW, 1, "%s: has sent nothing, and its place is needed",
                        old->where);
        listen_end_connection(old);
        return true;
    }
    return false;
}

static void open_connection(struct listen_socket *socket, int fd, const struct sockaddr_storage *peer)
{
    struct listen *listen = socket->listen;
    struct listen_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        close(fd);
        return;
    }
    *connection = (struct listen_connection){
        .watch = {fd, ready},
        .listen = listen,
        .protocol = socket->protocol,
        .context = socket->context,
        .opened_us = clock_now_us(),
        .next = listen->connections,
    };
    if (socket->kind == ADDRESS_UNIX)
        memcpy(connection->where, socket->where, sizeof connection->where);
    else
        address_write(socket->kind, peer, connection->where);
    *(listen->connections ? &listen->connections->before : &listen->oldest) = connection;
    listen->connections = connection;
    listen->connection_count++;
    settle(connection);
}

static void set_options(int fd)
{
    int on = 1, idle_s = KEEPALIVE_S; /* so that a peer whose machine is gone is missed */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void listen_accept(struct listen_socket *socket)
{
    struct listen *listen = socket->listen;
    for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        int fd = accept4(socket->watch.fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            counts_complain(listen->counts, COUNT_CONNECTIONS_REFUSED, 1, "%s: %s", socket->where, strerror(errno));
            socket->is_muted = true;
            loop_change(listen->loop, &socket->watch, 0);
        }
        if (fd < 0)
            return;
        if (!make_room(listen)) {
            counts_complain(listen->counts, COUNT_CONNECTIONS_REFUSED, 1, "%s: there are %zu connections already",
                            socket->where, listen->connection_count);
            close(fd);
            continue;
        }
        counts_add(listen->counts, COUNT_CONNECTIONS, 1);
        if (socket->kind == ADDRESS_TCP)
            set_options(fd);
        open_connection(socket, fd, &peer);
    }
}

void listen_check_connections(struct listen *listen, int64_t now_us)
{
    int64_t limit_us = (int64_t)listen->settings.message_timeout_ms * 1000;
    for (struct listen_connection *connection = listen->connections, *next; connection; connection = next) {
        next = connection->next;
        int64_t since_us = connection->in.len > 0      ? connection->progress_us
                           : connection->messages == 0 ? connection->opened_us
                                                       : now_us;
        if (connection->is_waiting || now_us - since_us < limit_us)
            continue;
        counts_complain(listen->counts, COUNT_CONNECTIONS_SLOW, 1, "%s: no whole message within %g s",
                        connection->where, listen->settings.message_timeout_ms / 1000.0);
        listen_end_connection(connection);
    }
}

void listen_resume(struct listen *listen)
{
    for (struct listen_connection *connection = listen->connections, *next; connection; connection = next) {
        next = connection->next;
        if (connection->protocol->settled)
            connection->protocol->settled(connection->context, connection);
        if (connection->is_waiting && !connection->is_broken)
            serve(connection);
        settle(connection);
    }
}
