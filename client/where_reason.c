/* libzmq connects by itself, again and again, and tells a program that only waits for an answer nothing of why there is none:
 * its monitor does. */
#include "client/where_reason.h"

#include <string.h>
#include <zmq.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/curve.h"
#include "client/watch.h"

#define PROBE_US INT64_C(1000000)

#define FAILED                                                                                                         \
    (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
#define WATCHED                                                                                                        \
    (FAILED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_DELAYED |                        \
     ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_CLOSED)

/* As the library has them, so that the broker's socket takes them for its kind. */
static const int socket_types[ENDPOINT_KIND_COUNT] = {
    [ENDPOINT_INGEST] = ZMQ_XPUB,
    [ENDPOINT_APPEND] = ZMQ_DEALER,
    [ENDPOINT_LIVE] = ZMQ_SUB,
    [ENDPOINT_STREAM] = ZMQ_DEALER,
};

/* The next event; 0: there was none until the deadline. */
static uint16_t await_event(void *watch, int64_t deadline_us)
{
    zmq_pollitem_t item = {.socket = watch, .events = ZMQ_POLLIN};
    int64_t now_us = clock_now_us();
    if (now_us >= deadline_us || zmq_poll(&item, 1, clock_left_ms(deadline_us, now_us)) <= 0)
        return 0;
    return watch_take(watch);
}

static const char *reason_of(uint16_t event, bool was_begun, const struct where *where)
{
    bool is_tcp = strncmp(where->endpoint, "tcp://", 6) == 0;
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && where->has_keys)
        return "who listens there does not let this key in (is it in the access file, and may it use this endpoint?)";
    if (event & FAILED && where->has_keys)
        return "who listens there has another key than --server-key says, or asks for none";
    if (event & FAILED)
        return "who listens there asks for keys (--key, --server-key), or is no broker";
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        return "somebody listens there, and says nothing";
    if (event == ZMQ_EVENT_CONNECT_RETRIED && is_tcp && !was_begun)
        return "its host is not known";
    if (event == ZMQ_EVENT_CLOSED || event == ZMQ_EVENT_CONNECT_RETRIED)
        return "nobody listens there (is tocsind running? systemctl status tocsind)";
    return "who listens there, if anybody does, says nothing (is tocsind running? systemctl status tocsind)";
}

static bool begin_connecting(void *socket, const struct where *where)
{
    static const int no = 0;
    struct curve curve;
    bool is_good = curve_take(&curve, where_curve(where)) == TOCSIN_OK &&
                   zmq_setsockopt(socket, ZMQ_LINGER, &no, sizeof no) == 0 &&
                   curve_set(socket, where->endpoint, &curve) && zmq_connect(socket, where->endpoint) == 0;
    curve_forget(&curve);
    return is_good;
}

static const char *try_again(void *socket, void *watch, const struct where *where)
{
    int64_t deadline_us = clock_now_us() + PROBE_US;
    bool was_begun = false;
    uint16_t event = 0;
    if (begin_connecting(socket, where)) {
        while ((event = await_event(watch, deadline_us)) == ZMQ_EVENT_CONNECT_DELAYED || event == ZMQ_EVENT_CONNECTED)
            was_begun = true;
    }
    return reason_of(event, was_begun, where);
}

const char *where_reason(const struct where *where)
{
    const char *reason = reason_of(0, false, where);
    void *context = context_acquire(NULL);
    void *socket = context ? zmq_socket(context, socket_types[where->kind]) : NULL;
    void *watch = socket ? watch_open_for(context, socket, WATCHED) : NULL;
    if (watch)
        reason = try_again(socket, watch, where);
    watch_close(&watch, socket);
    if (socket)
        zmq_close(socket);
    if (context)
        context_release(context, NULL);
    return reason;
}
