/* The other end for tests of the client: plain ZeroMQ sockets that speak the bytes of PROTOCOL.md, bound to free ports.
 * The scenarios have the real broker; here it matters to say exactly what arrives, and when. */
#ifndef TEST_CLIENT_PEER_H
#define TEST_CLIENT_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <zmq.h>

#include "client/heartbeat.h"
#include "proto/event.h"
#include "proto/record.h"
#include "proto/wire.h"

#define PEER_ENDPOINT_MAX 128

/* Bound to a free port, or to `endpoint` again; writes where. */
static inline void *peer_bind(void *context, int type, char *endpoint)
{
    void *socket = zmq_socket(context, type);
    assert_non_null(socket);
    int zero = 0;
    assert_int_equal(zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof zero), 0);
    assert_int_equal(zmq_setsockopt(socket, ZMQ_RCVHWM, &zero, sizeof zero), 0);
    assert_int_equal(zmq_setsockopt(socket, ZMQ_SNDHWM, &zero, sizeof zero), 0);
    if (type == ZMQ_SUB)
        assert_int_equal(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0), 0);
    const char *where = endpoint[0] ? endpoint : "tcp://127.0.0.1:*";
    int failed = zmq_bind(socket, where);
    for (int tries = 0; failed && tries < 200; tries++) { /* the port of a socket closed just now */
        zmq_poll(NULL, 0, 10);
        failed = zmq_bind(socket, where);
    }
    assert_int_equal(failed, 0);
    size_t len = PEER_ENDPOINT_MAX;
    assert_int_equal(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
    return socket;
}

/* Waits up to ten seconds for a message; true when there is one. A poll is also how a bound SUB answers newcomers. */
static inline bool peer_wait(void *socket, int timeout_ms)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    return zmq_poll(&item, 1, timeout_ms) > 0;
}

static inline void peer_heartbeat(void *socket, uint64_t head, const char *log_id)
{
    struct text out;
    text_init(&out);
    text_put(&out, HEARTBEAT_TOPIC, HEARTBEAT_TOPIC_LEN);
    wire_write_array(&out, 4);
    wire_write_uint(&out, 1);
    wire_write_uint(&out, head);
    wire_write_str(&out, span_of_str(log_id));
    wire_write_uint(&out, 1700000000000000);
    assert_int_equal(zmq_send(socket, out.data, out.len, 0), (int)out.len);
    text_fini(&out);
}

/* Appends an event with a summary that tells its number. */
static inline void peer_event(struct text *out, const char *level, const char *category, const char *type,
                              const char *source_id, unsigned number)
{
    char summary[32];
    snprintf(summary, sizeof summary, "number %u", number);
    const char *members[][2] = {{"time", "2026-11-21T09:30:00.125+09:00"},
                                {"level", level},
                                {"category", category},
                                {"type", type},
                                {"sourceId", source_id},
                                {"summary", summary}};
    wire_write_map(out, 6);
    for (size_t i = 0; i < 6; i++) {
        wire_write_str(out, span_of_str(members[i][0]));
        wire_write_str(out, span_of_str(members[i][1]));
    }
}

/* Appends topic NUL, which begins a frame. */
static inline void peer_topic(struct text *out, const char *category, const char *source_id)
{
    text_printf(out, "%s/%s", category, source_id);
    text_put_char(out, '\0');
}

static inline void peer_record(struct text *out, uint64_t seq, uint64_t prev, const char *level, const char *category,
                               const char *source_id)
{
    uint8_t head[RECORD_HEAD_MAX];
    text_put(out, head, record_write_head(head, seq, prev, 1700000000000000 + seq));
    peer_event(out, level, category, "Happened", source_id, (unsigned)seq);
}

/* Sends a frame of one record. */
static inline void peer_send(void *socket, uint64_t seq, uint64_t prev, const char *level, const char *category,
                             const char *source_id)
{
    struct text out;
    text_init(&out);
    peer_topic(&out, category, source_id);
    peer_record(&out, seq, prev, level, category, source_id);
    assert_int_equal(zmq_send(socket, out.data, out.len, 0), (int)out.len);
    text_fini(&out);
}

#endif
