/* A stream's session with the broker: begun, watched, begun again. What tells that one is over: an error that says so,
 * a second handshake on its socket (the broker came back, and does not know us), or silence. */
#include <errno.h>

#include "client/clock.h"
#include "client/socket.h"
#include "client/stream.h"
#include "client/watch.h"

#define PAUSE_MIN_MS 20
#define PAUSE_MAX_MS 1000
#define TICK_MS      500

/* After a silence of that long it is asked whether the session is there still; and the broker forgets who says nothing
 * for a minute. */
#define ASK_US INT64_C(1500000)
#define SAY_US INT64_C(15000000)

/* A wait that begins so long after the last one: the silence between was ours. */
#define ABSENT_US INT64_C(1000000)

void stream_notice(struct tocsin_stream *stream, enum tocsin_message_kind kind, uint64_t first, uint64_t last)
{
    if (stream->notice_count < STREAM_NOTICES_MAX)
        stream->notices[stream->notice_count++] = (struct stream_notice){kind, first, last};
}

void stream_say(struct tocsin_stream *stream)
{
    stream->said_us = clock_now_us();
    if (stream->socket && !stream->out.failed)
        zmq_send(stream->socket, stream->out.data, stream->out.len, ZMQ_DONTWAIT); /* without a mark: it is taken */
}

void stream_disconnect(struct tocsin_stream *stream)
{
    if (stream->has_batch)
        zmq_msg_close(&stream->message);
    stream->has_batch = false;
    stream->is_open = false;
    if (!stream->socket)
        return;
    watch_close(&stream->watch, stream->socket);
    zmq_close(stream->socket);
    stream->socket = NULL;
}

void stream_restart(struct tocsin_stream *stream)
{
    stream_disconnect(stream);
    stream->pause_ms = stream->pause_ms == 0 ? PAUSE_MIN_MS : 2 * stream->pause_ms;
    if (stream->pause_ms > PAUSE_MAX_MS)
        stream->pause_ms = PAUSE_MAX_MS;
    stream->retry_us = clock_deadline_us(clock_now_us(), stream->pause_ms);
}

static int connect_socket(struct tocsin_stream *stream)
{
    int no_mark = 0; /* bounded by the credit */
    stream->socket = zmq_socket(stream->context, ZMQ_DEALER);
    if (!stream->socket)
        return TOCSIN_E_NOMEM;
    stream->watch = watch_open(stream->context, stream->socket);
    if (!stream->watch)
        return TOCSIN_E_NOMEM;
    if (socket_set_defaults(stream->socket, stream->endpoint, &stream->curve, stream->max_message_bytes) &&
        zmq_setsockopt(stream->socket, ZMQ_SNDHWM, &no_mark, sizeof no_mark) == 0 &&
        zmq_setsockopt(stream->socket, ZMQ_RCVHWM, &no_mark, sizeof no_mark) == 0 &&
        zmq_connect(stream->socket, stream->endpoint) == 0)
        return TOCSIN_OK;
    return TOCSIN_E_INVALID;
}

/* Where it opens: as asked for, or behind what was told. */
static struct stream_terms terms_now(const struct tocsin_stream *stream)
{
    struct stream_terms terms = stream->terms;
    if (stream->is_placed) {
        terms.from = TOCSIN_FROM_SEQ;
        terms.from_value = stream->is_in_latest ? stream->from : stream->cursor + 1;
        terms.latest = stream->is_in_latest;
    }
    return terms;
}

static int begin(struct tocsin_stream *stream)
{
    int error = connect_socket(stream);
    stream->begun_us = stream->asked_us = clock_now_us();
    stream->handshakes = 0;
    stream->owed_bytes = 0;
    if (error) {
        stream_restart(stream);
        return error;
    }
    struct stream_terms terms = terms_now(stream);
    stream_encode_open(&stream->out, &terms);
    stream_say(stream);
    return stream->out.failed ? TOCSIN_E_NOMEM : TOCSIN_OK;
}

/* Says something where the broker has not heard or said anything for long. Credit of nothing asks whether the session
 * is known: a broker that has lost it answers that there is none. */
static void keep_alive(struct tocsin_stream *stream, int64_t now_us)
{
    bool is_quiet = now_us - stream->heard_us >= ASK_US && now_us - stream->asked_us >= ASK_US;
    if (!is_quiet && now_us - stream->said_us < SAY_US)
        return;
    stream->asked_us = now_us;
    stream_encode_credit(&stream->out, 0);
    stream_say(stream);
    stream_encode_verb(&stream->out, "ping");
    stream_say(stream);
}

/* Looks after the session. False when it is over. */
static bool is_well(struct tocsin_stream *stream, int64_t now_us)
{
    stream->handshakes += watch_take_handshakes(stream->watch);
    if (stream->handshakes > 1)
        return false;
    int64_t patience_us = (int64_t)stream->silence_timeout_ms * 1000;
    bool is_silent = now_us - stream->heard_us >= patience_us;
    if (is_silent && stream->is_placed && !stream->is_lost) {
        stream->is_lost = true;
        stream_notice(stream, TOCSIN_MESSAGE_LOST, 0, 0);
    }
    if (stream->is_open && !is_silent)
        keep_alive(stream, now_us);
    if (stream->is_open)
        return !is_silent;
    return stream->handshakes == 0 || now_us - stream->begun_us < patience_us;
}

/* For messages, or for a handshake, until the deadline, and no longer than a tick. */
static int poll_until(struct tocsin_stream *stream, int64_t deadline_us, int64_t now_us)
{
    zmq_pollitem_t items[] = {
        {.socket = stream->socket, .events = ZMQ_POLLIN},
        {.socket = stream->watch, .events = ZMQ_POLLIN},
    };
    int64_t until_us = stream->socket ? clock_deadline_us(now_us, TICK_MS) : stream->retry_us;
    if (deadline_us < until_us)
        until_us = deadline_us;
    bool is_interrupted =
        zmq_poll(items, stream->socket ? 2 : 0, clock_left_ms(until_us, now_us)) < 0 && zmq_errno() == EINTR;
    stream->waited_us = clock_now_us();
    return is_interrupted ? TOCSIN_E_INTERRUPTED : TOCSIN_OK;
}

int stream_wait(struct tocsin_stream *stream, int64_t deadline_us)
{
    int64_t now_us = clock_now_us();
    if (stream->heard_us == 0 || now_us - stream->waited_us >= ABSENT_US)
        stream->heard_us = now_us;
    stream->waited_us = now_us;
    if (stream->socket && !is_well(stream, now_us))
        stream_restart(stream);
    if (!stream->socket && now_us >= stream->retry_us) {
        int error = begin(stream);
        if (error && now_us >= deadline_us)
            return error;
    }
    if (stream->notice_count > stream->notices_told)
        return TOCSIN_OK;
    return now_us >= deadline_us ? TOCSIN_E_TIMEOUT : poll_until(stream, deadline_us, now_us);
}
