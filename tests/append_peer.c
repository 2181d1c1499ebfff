#include "append_peer.h"

#include <string.h>

static struct text *begin(struct append_peer *peer, uint32_t count, const char *verb)
{
    text_clear(&peer->out);
    wire_write_array(&peer->out, count);
    wire_write_str(&peer->out, span_of_str(verb));
    return &peer->out;
}

static void send_out(struct append_peer *peer)
{
    zmq_send(peer->socket, peer->route, peer->route_len, ZMQ_SNDMORE);
    zmq_send(peer->socket, peer->out.data, peer->out.len, 0);
}

static void send_welcome(struct append_peer *peer)
{
    struct text *out = begin(peer, 5, "welcome");
    wire_write_uint(out, 1);
    wire_write_str(out, span_of_str("0123456789abcdef0123456789abcdef"));
    wire_write_uint(out, peer->acked_n);
    wire_write_uint(out, 1000);
    send_out(peer);
}

static void send_ack(struct append_peer *peer)
{
    struct text *out = begin(peer, 4, "ack");
    wire_write_uint(out, peer->acked_n);
    wire_write_uint(out, peer->acked_n);
    wire_write_str(out, span_of_str("00"));
    send_out(peer);
}

/* What the mood makes of puts that are not answered yet. */
static void answer(struct append_peer *peer)
{
    if (peer->mood == APPEND_PEER_ANSWERS) {
        peer->acked_n = peer->last_n;
        send_ack(peer);
        return;
    }
    peer->last_n = peer->acked_n;
    if (peer->mood == APPEND_PEER_HAS_ANOTHER)
        wire_write_str(begin(peer, 2, "error"), span_of_str("fenced"));
    else
        begin(peer, 1, "nonsense");
    peer->mood = APPEND_PEER_ANSWERS;
    send_out(peer);
}

static void take_message(struct append_peer *peer)
{
    static uint8_t bytes[1 << 20];
    int route_len = zmq_recv(peer->socket, peer->route, sizeof peer->route, 0);
    int len = zmq_recv(peer->socket, bytes, sizeof bytes, 0);
    struct wire_reader reader = wire_reader_of(span_of(bytes, (size_t)len));
    struct span verb;
    uint32_t count;
    uint64_t n;
    if (route_len <= 0 || len <= 0 || !wire_read_array(&reader, &count) || !wire_read_str(&reader, &verb))
        return;
    peer->route_len = (size_t)route_len;
    if (span_is(verb, "hello")) {
        peer->hellos++;
        peer->last_n = peer->acked_n;
        send_welcome(peer);
    }
    if (span_is(verb, "put") && wire_read_uint(&reader, &n) && wire_read_array(&reader, &count)) {
        peer->saw_gap = peer->saw_gap || n != peer->last_n + 1;
        peer->last_n = n + count - 1;
    }
}

static void *serve(void *arg)
{
    struct append_peer *peer = arg;
    while (!peer->is_over) {
        if (peer_wait(peer->socket, 2))
            take_message(peer);
        if (peer->last_n > peer->acked_n && peer->mood != APPEND_PEER_IS_SILENT)
            answer(peer);
    }
    return NULL;
}

void append_peer_start(struct append_peer *peer)
{
    memset(peer, 0, sizeof *peer);
    peer->context = zmq_ctx_new();
    peer->socket = peer_bind(peer->context, ZMQ_ROUTER, peer->endpoint);
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

void append_peer_stop(struct append_peer *peer)
{
    peer->is_over = true;
    pthread_join(peer->thread, NULL);
    zmq_close(peer->socket);
    zmq_ctx_term(peer->context);
    text_fini(&peer->out);
}
