/* Questions at the stream door, each with a socket of its own: what the broker tells of itself, and the last event of
 * every topic. */
#include <limits.h>
#include <stdlib.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/endpoint.h"
#include "client/message.h"
#include "client/socket.h"
#include "client/stream_answer.h"
#include "client/stream_encode.h"
#include "client/wanted.h"
#include "proto/json.h"
#include "proto/wire.h"

#include <zmq.h>

#define TIMEOUT_DEFAULT_MS 5000
#define MESSAGE_ROOM       ((int64_t)2 << 20)
#define TIME_MEMBER_MAX    64

struct question {
    void *context;
    void *own_context;
    struct curve curve;
    void *socket;
    int timeout_ms;
    struct event_judge *judge;
    struct text out;
    zmq_msg_t message;
    struct stream_answer answer;
    struct span said; /* with an error */
};

static int connect_socket(struct question *question, const char *endpoint, int64_t max_message_bytes)
{
    int no_mark = 0;
    question->socket = zmq_socket(question->context, ZMQ_DEALER);
    if (!question->socket)
        return TOCSIN_E_NOMEM;
    bool is_connected = socket_set_defaults(question->socket, endpoint, &question->curve, max_message_bytes) &&
                        zmq_setsockopt(question->socket, ZMQ_RCVHWM, &no_mark, sizeof no_mark) == 0 &&
                        zmq_connect(question->socket, endpoint) == 0;
    return is_connected ? TOCSIN_OK : TOCSIN_E_INVALID;
}

/* question_end is due in any case. */
static int question_begin(struct question *question, const struct tocsin_stream_options *options)
{
    char endpoint[ENDPOINT_MAX];
    *question = (struct question){.own_context = options->zmq_context};
    zmq_msg_init(&question->message);
    text_init(&question->out);
    int error = endpoint_choose(options->stream, options->server, ENDPOINT_STREAM, endpoint);
    if (error || options->connect_timeout_ms < -1 || options->max_event_bytes > INT_MAX)
        return TOCSIN_E_INVALID;
    error = curve_take(&question->curve, options->curve);
    if (error)
        return error;
    size_t max_event_bytes = options->max_event_bytes ? options->max_event_bytes : TOCSIN_EVENT_BYTES_MAX;
    question->timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : TIMEOUT_DEFAULT_MS;
    question->judge = event_judge_new(max_event_bytes + TIME_MEMBER_MAX, (uint64_t)clock_now_us());
    question->context = context_acquire(options->zmq_context);
    if (!question->judge || !question->context)
        return TOCSIN_E_NOMEM;
    return connect_socket(question, endpoint, (int64_t)max_event_bytes + MESSAGE_ROOM);
}

static void question_end(struct question *question)
{
    zmq_msg_close(&question->message);
    if (question->socket)
        zmq_close(question->socket);
    if (question->context)
        context_release(question->context, question->own_context);
    event_judge_free(&question->judge);
    text_fini(&question->out);
    curve_forget(&question->curve);
}

static int ask(struct question *question)
{
    if (question->out.failed)
        return TOCSIN_E_NOMEM;
    return zmq_send(question->socket, question->out.data, question->out.len, 0) < 0 ? TOCSIN_E_INTERRUPTED : TOCSIN_OK;
}

/* The next message. */
static int receive(struct question *question)
{
    zmq_pollitem_t item = {.socket = question->socket, .events = ZMQ_POLLIN};
    int ready = zmq_poll(&item, 1, question->timeout_ms);
    if (ready == 0)
        return TOCSIN_E_UNREACHABLE;
    if (ready < 0 || zmq_msg_recv(&question->message, question->socket, ZMQ_DONTWAIT) < 0)
        return TOCSIN_E_INTERRUPTED;
    if (zmq_msg_more(&question->message))
        return TOCSIN_E_PROTOCOL;
    struct span message = span_of(zmq_msg_data(&question->message), zmq_msg_size(&question->message));
    return stream_answer_read(message, &question->answer);
}

static int error_of(struct span code)
{
    if (span_is(code, "denied"))
        return TOCSIN_E_DENIED;
    return span_is(code, "busy") || span_is(code, "unavailable") ? TOCSIN_E_UNREACHABLE : TOCSIN_E_PROTOCOL;
}

/* The next message of that kind. */
static int take_answer(struct question *question, enum stream_answer_kind kind)
{
    int error;
    do {
        error = receive(question);
        if (!error && question->answer.kind == STREAM_ANSWER_ERROR) {
            question->said = question->answer.text;
            return error_of(question->answer.code);
        }
    } while (!error && question->answer.kind != kind);
    return error;
}

/* --- info --- */

static void write_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* The map as JSON. As the snapshot of an event it is judged like one: only what has an exact JSON image passes. */
static int write_json(struct question *question, struct span map, struct text *json)
{
    struct text *out = &question->out;
    struct event event;
    struct refusal refusal;
    text_clear(out);
    wire_write_map(out, 6);
    write_pair(out, "level", "Info");
    write_pair(out, "category", "Info");
    write_pair(out, "type", "Info");
    write_pair(out, "sourceId", "info");
    write_pair(out, "summary", "");
    wire_write_str(out, span_of_str("snapshot"));
    text_put(out, map.data, map.len);
    if (out->failed)
        return TOCSIN_E_NOMEM;
    if (event_judge(question->judge, text_span(out), &event, &refusal) != out->len || refusal.code)
        return TOCSIN_E_PROTOCOL;
    json_write_value(json, event.snapshot);
    text_put_char(json, '\0');
    return json->failed ? TOCSIN_E_NOMEM : TOCSIN_OK;
}

int tocsin_info(const struct tocsin_stream_options *options, char **json)
{
    static const struct tocsin_stream_options defaults;
    struct question question;
    struct text text;
    if (!json)
        return TOCSIN_E_INVALID;
    *json = NULL;
    text_init(&text);
    int error = question_begin(&question, options ? options : &defaults);
    stream_encode_verb(&question.out, "info");
    if (!error)
        error = ask(&question);
    if (!error)
        error = take_answer(&question, STREAM_ANSWER_INFO);
    if (!error)
        error = write_json(&question, question.answer.map, &text);
    question_end(&question);
    if (error)
        text_fini(&text);
    else
        *json = text.data;
    return error;
}

/* --- reload --- */

static void put_error(struct span text, char *error, size_t size)
{
    if (size == 0)
        return;
    size_t len = text.len < size ? text.len : size - 1;
    memcpy(error, text.data, len);
    error[len] = '\0';
}

int tocsin_reload(const struct tocsin_stream_options *options, uint64_t *keys, char *error_text, size_t size)
{
    static const struct tocsin_stream_options defaults;
    struct question question;
    int error = question_begin(&question, options ? options : &defaults);
    stream_encode_verb(&question.out, "reload");
    if (!error)
        error = ask(&question);
    if (!error)
        error = take_answer(&question, STREAM_ANSWER_RELOADED);
    if (!error && keys)
        *keys = question.answer.keys;
    if (!error && question.answer.text.len > 0) {
        put_error(question.answer.text, error_text, size);
        error = TOCSIN_E_SYNTAX;
    } else if (question.said.len > 0) {
        put_error(question.said, error_text, size);
        if (span_is(question.answer.code, "unavailable"))
            error = TOCSIN_E_DENIED;
    }
    question_end(&question);
    return error;
}

/* --- latest --- */

struct latest {
    struct question question;
    struct wanted wanted;
    int (*on_event)(void *context, const struct tocsin_message *message);
    void *context;
};

/* Tells the records of a piece. *is_last: it had none. */
static int tell_piece(struct latest *latest, bool *is_last)
{
    struct question *question = &latest->question;
    struct record record;
    struct tocsin_message message;
    char topic[TOCSIN_TOPIC_MAX];
    *is_last = question->answer.record_count == 0;
    int error;
    while (!(error = stream_answer_next(&question->answer, question->judge, &record))) {
        struct span topic_span = span_of(topic, event_topic(&record.event, topic));
        if (!wanted_takes(&latest->wanted, &record.event, topic_span))
            continue;
        message_of_record(&message, &record, topic_span, span_of("", 0));
        int result = latest->on_event(latest->context, &message);
        if (result)
            return result;
    }
    return error == TOCSIN_E_END ? TOCSIN_OK : error;
}

static int tell_all(struct latest *latest)
{
    bool is_last = false;
    stream_encode_latest(&latest->question.out, latest->wanted.filters);
    int error = ask(&latest->question);
    while (!error && !is_last) {
        error = take_answer(&latest->question, STREAM_ANSWER_LATEST);
        if (!error)
            error = tell_piece(latest, &is_last);
    }
    return error;
}

int tocsin_latest(const struct tocsin_stream_options *options,
                  int (*on_event)(void *context, const struct tocsin_message *message), void *context)
{
    static const struct tocsin_stream_options defaults;
    struct latest latest = {.on_event = on_event, .context = context};
    if (!on_event)
        return TOCSIN_E_INVALID;
    options = options ? options : &defaults;
    int error = wanted_init(&latest.wanted, options);
    if (!error) {
        error = question_begin(&latest.question, options);
        if (!error)
            error = tell_all(&latest);
        question_end(&latest.question);
    }
    wanted_fini(&latest.wanted);
    return error;
}
