#include "client/live_socket.h"

#include <zmq.h>

#include "client/heartbeat.h"
#include "client/socket.h"

/* A frame is longer than its longest event by less. */
#define FRAME_ROOM (65536 + 4096)

static bool subscribe_filter(void *socket, const struct filter_set *filters, size_t index, struct text *prefixes)
{
    size_t lens[FILTER_PREFIXES_MAX];
    text_clear(prefixes);
    size_t count = filter_set_prefixes(filters, index, prefixes, lens);
    if (prefixes->failed)
        return false;
    const char *prefix = prefixes->data;
    for (size_t i = 0; i < count; prefix += lens[i++]) {
        if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, prefix, lens[i]) != 0)
            return false;
    }
    return true;
}

static bool subscribe(void *socket, const struct filter_set *filters)
{
    if (zmq_setsockopt(socket, ZMQ_SUBSCRIBE, HEARTBEAT_TOPIC, HEARTBEAT_TOPIC_LEN) != 0)
        return false;
    if (filter_set_needs_everything(filters))
        return zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0;
    struct text prefixes;
    text_init(&prefixes);
    bool is_done = true;
    for (size_t i = 0; i < filter_set_count(filters) && is_done; i++)
        is_done = subscribe_filter(socket, filters, i, &prefixes);
    text_fini(&prefixes);
    return is_done;
}

static int prepare(void *socket, const char *endpoint, const struct curve *curve, const struct filter_set *filters,
                   int queue_frames, size_t max_event_bytes)
{
    int no_mark = 0; /* else the socket drops its own subscriptions */
    int64_t max_bytes = (int64_t)max_event_bytes + FRAME_ROOM;
    if (!socket_set_defaults(socket, endpoint, curve, max_bytes) ||
        zmq_setsockopt(socket, ZMQ_SNDHWM, &no_mark, sizeof no_mark) != 0 ||
        zmq_setsockopt(socket, ZMQ_RCVHWM, &queue_frames, sizeof queue_frames) != 0)
        return TOCSIN_E_INVALID;
    if (!subscribe(socket, filters))
        return TOCSIN_E_NOMEM;
    return zmq_connect(socket, endpoint) == 0 ? TOCSIN_OK : TOCSIN_E_INVALID;
}

int live_socket_open(void **socket, void *context, const char *endpoint, const struct curve *curve,
                     const struct filter_set *filters, int queue_frames, size_t max_event_bytes)
{
    *socket = zmq_socket(context, ZMQ_SUB);
    if (!*socket)
        return TOCSIN_E_NOMEM;
    int error = prepare(*socket, endpoint, curve, filters, queue_frames, max_event_bytes);
    if (error) {
        zmq_close(*socket);
        *socket = NULL;
    }
    return error;
}
