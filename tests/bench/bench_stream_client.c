#include "tests/bench/bench_stream_client.h"

#include <string.h>
#include <zmq.h>

#include "proto/wire.h"
#include "tests/bench/bench_stream_log.h"

void *stream_client_connect(void *zmq, const char *endpoint)
{
    void *client = zmq_socket(zmq, ZMQ_DEALER);
    int none = 0;
    bench_must(client && zmq_setsockopt(client, ZMQ_RCVHWM, &none, sizeof none) == 0 &&
                   zmq_setsockopt(client, ZMQ_LINGER, &none, sizeof none) == 0 && zmq_connect(client, endpoint) == 0,
               "the client");
    return client;
}

static void send_out(void *client, struct text *out)
{
    bench_must(!out->failed && zmq_send(client, out->data, out->len, 0) >= 0, "send");
    text_fini(out);
}

void stream_client_open(void *client, uint64_t from, const char *filter)
{
    struct text out;
    text_init(&out);
    wire_write_array(&out, 3);
    wire_write_str(&out, span_of_str("open"));
    wire_write_uint(&out, 1);
    wire_write_map(&out, filter ? 3 : 2);
    wire_write_str(&out, span_of_str("from"));
    wire_write_uint(&out, from);
    wire_write_str(&out, span_of_str("follow"));
    wire_write_bool(&out, false);
    if (filter) {
        wire_write_str(&out, span_of_str("filters"));
        wire_write_array(&out, 1);
        wire_write_str(&out, span_of_str(filter));
    }
    send_out(client, &out);
}

void stream_client_credit(void *client, uint64_t bytes)
{
    struct text out;
    text_init(&out);
    wire_write_array(&out, 2);
    wire_write_str(&out, span_of_str("credit"));
    wire_write_uint(&out, bytes);
    send_out(client, &out);
}

/* Takes messages through one with the verb, which has a byte for its head and one for the verb's length before it. */
static uint64_t take_through(void *client, const char *verb)
{
    zmq_msg_t message;
    uint64_t bytes = 0;
    size_t len = strlen(verb);
    bool is_there = false;
    zmq_msg_init(&message);
    while (!is_there) {
        bench_must(zmq_msg_recv(&message, client, 0) >= 0, "no message");
        bytes += zmq_msg_size(&message);
        is_there = zmq_msg_size(&message) > 2 + len && memcmp((char *)zmq_msg_data(&message) + 2, verb, len) == 0;
    }
    zmq_msg_close(&message);
    return bytes;
}

void stream_client_await_opened(void *client)
{
    take_through(client, "opened");
}

uint64_t stream_client_take_all(void *client)
{
    return take_through(client, "end");
}
