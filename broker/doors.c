#include "broker/doors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/tocsin_base.h"

/* A subscriber sends nothing but subscriptions: a topic and a byte. */
#define LIVE_MESSAGE_MAX 1024

/* The kernel's buffer for a subscriber: of itself it grows to megabytes for one that does not read. (It takes twice
 * that.) */
#define LIVE_SEND_BYTES 131072

/* An event that is too long is refused by its length, not by closing the connection, as long as it is not far too
 * long; and a frame holds several. */
#define INGEST_MESSAGE_FACTOR 4

/* A client may send all of its window in one put: 8192 events of 2 KiB. */
#define APPEND_MESSAGE_FACTOR 16

/* A client's longest message at the stream door opens a session: its filters. */
#define STREAM_MESSAGE_MAX (256 * 1024)
#define STREAM_HWM         8

/* ZMQ_ZAP_ENFORCE_DOMAIN, by its number: Debian's header hides it, its library has it. Without it a door whose handler is
 * not there lets everybody in. */
#define ZAP_ENFORCE_DOMAIN 93

struct option {
    int name;
    int value;
};

/* For every bound socket. A lost peer is found by TCP, not by ZMTP heartbeats, which can abort the process. */
static const struct option common_options[] = {
    {ZMQ_RCVHWM, 0},
    {ZMQ_LINGER, 0},
    {ZMQ_HANDSHAKE_IVL, 10000},
    {ZMQ_BACKLOG, 1024},
    {ZMQ_TCP_KEEPALIVE, 1},
    {ZMQ_TCP_KEEPALIVE_IDLE, 30},
    {ZMQ_TCP_KEEPALIVE_INTVL, 10},
    {ZMQ_TCP_KEEPALIVE_CNT, 3},
    {ZMQ_TCP_MAXRT, 30000},
};

static bool set_options(void *socket, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value) != 0)
            return false;
    }
    return true;
}

static int explain(const char *name, const char *endpoint, struct text *message)
{
    const char *flag = strncmp(name, DOOR_REALM_PREFIX, strlen(DOOR_REALM_PREFIX)) == 0 ? "realms" : name;
    switch (errno) {
    case EADDRINUSE:
        text_printf(message, "%s: %s is in use by another program. Stop that one, or give another address with --%s",
                    name, endpoint, flag);
        return TOCSIN_E_LOCKED;
    case EADDRNOTAVAIL:
    case ENODEV:
    case EINVAL:
        text_printf(message, "%s: %s is no address of this machine. Give another one with --%s", name, endpoint, flag);
        return TOCSIN_E_INVALID;
    case EACCES:
    case EPERM:
        text_printf(message, "%s: no permission to use %s. Give a port above 1023 or another path with --%s", name,
                    endpoint, flag);
        return TOCSIN_E_INVALID;
    default:
        text_printf(message, "%s: cannot listen at %s: %s. Give another address with --%s", name, endpoint,
                    zmq_strerror(errno), flag);
        return TOCSIN_E_IO;
    }
}

/* What tells one door from another. */
struct design {
    const char *name; /* also the domain that the handler of ZAP is told */
    int type;
    int peer_type;
    int64_t message_max;
    const struct option *options;
    size_t option_count;
};

static bool is_tcp(const char *endpoint)
{
    return strncmp(endpoint, "tcp://", 6) == 0;
}

/* The domain is set although the door's address would do: libzmq asks no handler where it is empty. */
static bool secure(struct door *door, const struct door_key *key, const char *name, const char *endpoint)
{
    static const struct option options[] = {{ZMQ_CURVE_SERVER, 1}, {ZAP_ENFORCE_DOMAIN, 1}};
    door->is_secured = key && is_tcp(endpoint);
    if (!door->is_secured)
        return true;
    return set_options(door->socket, options, 2) &&
           zmq_setsockopt(door->socket, ZMQ_CURVE_SECRETKEY, key->secret_key, CURVE_KEY_LEN) == 0 &&
           zmq_setsockopt(door->socket, ZMQ_ZAP_DOMAIN, name, strlen(name)) == 0;
}

static int open_door(struct door *door, void *zmq, const struct design *design, const struct door_key *key,
                     const char *endpoint, struct text *message)
{
    const char *name = design->name;
    *door = (struct door){.peer_type = design->peer_type, .name = design->name};
    if (!endpoint)
        return TOCSIN_OK;
    door->socket = zmq_socket(zmq, design->type);
    if (!door->socket)
        return explain(name, endpoint, message);
    size_t len = sizeof door->endpoint;
    int is_ipv6 = strchr(endpoint, '[') != NULL;
    if (!set_options(door->socket, common_options, sizeof common_options / sizeof *common_options) ||
        !set_options(door->socket, design->options, design->option_count) || !secure(door, key, name, endpoint) ||
        zmq_setsockopt(door->socket, ZMQ_IPV6, &is_ipv6, sizeof is_ipv6) != 0 ||
        zmq_setsockopt(door->socket, ZMQ_MAXMSGSIZE, &design->message_max, sizeof design->message_max) != 0 ||
        zmq_bind(door->socket, endpoint) != 0 ||
        zmq_getsockopt(door->socket, ZMQ_LAST_ENDPOINT, door->endpoint, &len) != 0) {
        int result = explain(name, endpoint, message);
        door_close(door, 0);
        return result;
    }
    return TOCSIN_OK;
}

int door_open_ingest(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     uint64_t max_event_bytes, struct text *message)
{
    /* without SNDHWM 0 a SUB drops its own subscriptions when many producers come */
    static const struct option options[] = {{ZMQ_SNDHWM, 0}};
    const struct design design = {"ingest", ZMQ_SUB, ZMQ_PUB, (int64_t)max_event_bytes * INGEST_MESSAGE_FACTOR,
                                  options,  1};
    int result = open_door(door, zmq, &design, key, endpoint, message);
    if (result == TOCSIN_OK && door->socket)
        zmq_setsockopt(door->socket, ZMQ_SUBSCRIBE, "", 0);
    return result;
}

int door_open_append(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     uint64_t max_event_bytes, struct text *message)
{
    /* what cannot be sent is said so, and no client takes over the route of another */
    static const struct option options[] = {{ZMQ_ROUTER_MANDATORY, 1}, {ZMQ_SNDHWM, 10000}};
    const struct design design = {"append", ZMQ_ROUTER, ZMQ_DEALER, (int64_t)max_event_bytes * APPEND_MESSAGE_FACTOR,
                                  options,  2};
    return open_door(door, zmq, &design, key, endpoint, message);
}

int door_open_stream(struct door *door, void *zmq, const struct door_key *key, const char *endpoint,
                     struct text *message)
{
    /* a batch is large, and each session's are bounded by its credit: few need to wait in the socket */
    static const struct option options[] = {{ZMQ_ROUTER_MANDATORY, 1}, {ZMQ_SNDHWM, STREAM_HWM}};
    const struct design design = {"stream", ZMQ_ROUTER, ZMQ_DEALER, STREAM_MESSAGE_MAX, options, 2};
    return open_door(door, zmq, &design, key, endpoint, message);
}

int door_open_live(struct door *door, const char *name, void *zmq, const struct door_key *key, const char *endpoint,
                   uint64_t hwm_frames, struct text *message)
{
    /* where keys are asked for an XPUB tells of each subscription, and so whose connection that is; it must be read, and
     * takes more from the other side than a PUB, which is as good without */
    const struct option options[] = {
        {ZMQ_SNDHWM, (int)hwm_frames}, {ZMQ_SNDBUF, LIVE_SEND_BYTES}, {ZMQ_XPUB_VERBOSER, 1}};
    const bool is_read = key && endpoint && is_tcp(endpoint);
    const struct design design = {name,           is_read ? ZMQ_XPUB : ZMQ_PUB, ZMQ_SUB, LIVE_MESSAGE_MAX, options,
                                  is_read ? 3 : 2};
    return open_door(door, zmq, &design, key, endpoint, message);
}

bool door_begin_message(struct door *door, struct span route)
{
    if (zmq_send(door->socket, route.data, route.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        return true;
    if (errno != EAGAIN)
        return false;
    /* libzmq looks only now and then whether a full queue has room again, unless it is asked for its events */
    int events;
    size_t len = sizeof events;
    zmq_getsockopt(door->socket, ZMQ_EVENTS, &events, &len);
    return zmq_send(door->socket, route.data, route.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
}

void door_close(struct door *door, int linger_ms)
{
    if (!door->socket)
        return;
    zmq_setsockopt(door->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_close(door->socket);
    door->socket = NULL;
}

bool door_end_connection(int fd)
{
    static const struct linger reset = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return shutdown(fd, SHUT_RDWR) == 0;
}

uint64_t door_socket_inode(int fd)
{
    struct stat stat;
    return fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode) ? (uint64_t)stat.st_ino : 0;
}

/* The copy keeps the descriptor's socket from becoming another one between the look and the deed. */
bool door_end_connection_of(int fd, uint64_t inode)
{
    int copy = dup(fd);
    if (copy < 0)
        return false;
    bool is_ended = door_socket_inode(copy) == inode && door_end_connection(copy);
    close(copy);
    return is_ended;
}
