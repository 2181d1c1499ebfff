#include <errno.h>
#include <sys/socket.h>

#include "client/gateway/listen.h"

/* Of UDP, whose datagrams have 65507 bytes at most, many are read at once; of unix sockets, where they can be longer,
 * one by one. */
#define BATCH        32
#define UDP_ROOM     65536
#define UNIX_AT_ONCE 32

static void take(struct listen_socket *socket, const uint8_t *bytes, size_t len, bool is_cut)
{
    counts_add(socket->listen->counts, COUNT_BYTES, len);
    size_t len_max = socket->listen->settings.max_message_bytes;
    if (!is_cut && len <= len_max) {
        socket->protocol->datagram(socket->context, span_of(bytes, len), socket->where);
        return;
    }
    counts_add(socket->listen->counts, COUNT_RECEIVED, 1);
    counts_complain(socket->listen->counts, COUNT_REFUSED_LENGTH, 1, "%s: a datagram of more than %zu bytes",
                    socket->where, len_max);
}

static bool read_udp(struct listen_socket *socket)
{
    uint8_t *room = socket->listen->room;
    struct mmsghdr messages[BATCH] = {0};
    struct iovec vectors[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){room + (size_t)i * UDP_ROOM, UDP_ROOM};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(socket->watch.fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        take(socket, vectors[i].iov_base, messages[i].msg_len, (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0);
    return count > 0;
}

static bool read_unix(struct listen_socket *socket)
{
    for (unsigned i = 0; i < UNIX_AT_ONCE; i++) {
        struct iovec vector = {socket->listen->room, socket->listen->room_len};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
        ssize_t len = recvmsg(socket->watch.fd, &message, MSG_DONTWAIT);
        if (len < 0)
            return i > 0;
        take(socket, socket->listen->room, (size_t)len, (message.msg_flags & MSG_TRUNC) != 0);
    }
    return true;
}

bool listen_read_datagrams(struct listen_socket *socket)
{
    return socket->kind == ADDRESS_UNIX ? read_unix(socket) : read_udp(socket);
}
