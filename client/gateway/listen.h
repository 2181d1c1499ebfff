/* The sockets at which a gateway listens: datagrams and streams, in one loop and in bounded memory.
 *
 * What the bytes mean is a protocol's business. Datagrams are read always: their senders do not wait, they lose. Of
 * streams as much is read as the protocol takes, so that a full queue reaches the sender.
 *
 * Against hostile peers: connections are counted and bounded, and where there are too many, those that have never sent
 * a whole message make room first; a message, and the first one in particular, must be complete in time; buffers have a
 * bound together. A connection that is only quiet is left alone: OpenSIPS keeps one for days. */
#ifndef CLIENT_GATEWAY_LISTEN_H
#define CLIENT_GATEWAY_LISTEN_H

#include "client/gateway/address.h"
#include "client/gateway/counts.h"
#include "client/gateway/loop.h"
#include "client/gateway/unix_path.h"
#include "proto/span.h"
#include "proto/text.h"

enum listen_verdict {
    LISTEN_GO_ON,
    LISTEN_WAIT, /* what is left cannot be taken now: call again after listen_resume */
    LISTEN_CLOSE /* the connection is of no use any more; counted and told by the protocol */
};

struct listen_connection;

struct listen_protocol {
    int unix_type; /* of unix:PATH: SOCK_DGRAM or SOCK_STREAM */
    /* A datagram. `where` names the socket for people. */
    void (*datagram)(void *context, struct span bytes, const char *where);
    /* Takes messages from the start of what has come. Returns how many bytes are done with; the others come again, with
     * more behind them. `is_end`: nothing comes behind these. Adds to connection->messages. */
    size_t (*stream)(void *context, struct listen_connection *connection, struct span bytes, bool is_end,
                     enum listen_verdict *verdict);
    /* Events were settled, some of this connection may be among them. NULL: no matter. */
    void (*settled)(void *context, struct listen_connection *connection);
    /* The connection ends: what `state` points to is to be freed. NULL: nothing is. */
    void (*closed)(void *context, struct listen_connection *connection);
};

struct listen_connection {
    struct loop_watch watch;
    struct listen *listen;
    const struct listen_protocol *protocol;
    void *context;
    void *state;                  /* the protocol's; NULL at first */
    char where[ADDRESS_TEXT_MAX]; /* the peer, for people */
    uint64_t messages;            /* whole ones, so far */
    /* the listener's own */
    struct listen_connection *next;
    struct listen_connection *before;
    struct text in;
    struct text out;
    int64_t opened_us;
    int64_t progress_us; /* when the message that is under way began */
    uint32_t watched;    /* the events that are waited for; 0: none */
    bool is_waiting;     /* for room in the queue */
    bool is_ended;       /* by the peer */
    bool is_broken;
};

struct listen_settings {
    mode_t socket_mode;
    int receive_buffer_bytes;
    size_t max_message_bytes;
    size_t max_connections;
    int message_timeout_ms;
    bool is_quiet;
};

struct listen_socket {
    struct loop_watch watch;
    struct listen *listen;
    const struct listen_protocol *protocol;
    void *context;
    enum address_kind kind;
    bool is_stream;
    bool is_muted; /* there were no file descriptors left */
    char where[ADDRESS_TEXT_MAX];
    struct unix_path path;
    uint64_t drops; /* of the kernel, as counted already */
    struct listen_socket *next;
};

struct listen {
    struct listen_settings settings;
    struct loop *loop;
    struct counts *counts;
    struct loop_timer timer;
    struct listen_socket *sockets;
    struct listen_connection *connections; /* the newest first */
    struct listen_connection *oldest;
    size_t connection_count;
    size_t buffered_bytes; /* of all connections */
    uint8_t *room;         /* that datagrams are read into */
    size_t room_len;
};

/* False when out of memory, which was complained about. listen_close is due in any case. */
bool listen_init(struct listen *listen, struct loop *loop, struct counts *counts,
                 const struct listen_settings *settings);

/* Listens at `endpoint` (as --listen has it) and says so. Complains and returns false where that is not possible. */
bool listen_add(struct listen *listen, const char *endpoint, const struct listen_protocol *protocol, void *context);

/* The queue has room again, or events were settled. */
void listen_resume(struct listen *listen);

/* Takes no new connections, reads what has come already, and closes what listens. Connections stay, for answers. */
void listen_drain(struct listen *listen);

void listen_close(struct listen *listen);

/* Sends to the peer; what it does not take is kept, up to a bound beyond which the connection is closed. */
void listen_send(struct listen_connection *connection, struct span bytes);

/* ---- Between the files of listen ---- */

/* listen_datagram.c: reads what is there, a batch of it. False when nothing was. */
bool listen_read_datagrams(struct listen_socket *socket);

/* listen_connection.c */
void listen_accept(struct listen_socket *socket);
void listen_read_connection(struct listen_connection *connection);
void listen_end_connection(struct listen_connection *connection);
void listen_check_connections(struct listen *listen, int64_t now_us);

#endif
