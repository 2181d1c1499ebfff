/* A producer is known by name and outlives its sessions; a session is known by its route. Of a producer's numbers
 *
 *     last.n      and all below are in the log, durable
 *     admitted_n  and all below are there or on their way through the journal: never admitted again
 *
 * and of a session's
 *
 *     received_n  is the highest that it has sent; what is refused moves it on as well
 *     acked_n     is the highest that it has been told of
 *
 * While nothing of a producer is on its way everything received is settled. That is when trailing refusals are
 * acknowledged; else an ack goes up to what the disk has. */
#include <stdlib.h>

#include "broker/append_inner.h"
#include "broker/append_message.h"

struct append *append_new(const struct append_options *options)
{
    struct append *append = calloc(1, sizeof *append);
    if (!append)
        return NULL;
    append->options = *options;
    text_init(&append->out);
    append->table = append_table_new(options->max_producers, options->max_sessions, options->seed);
    if (!append->table)
        append_free(&append);
    return append;
}

void append_free(struct append **append)
{
    if (!*append)
        return;
    append_table_free(&(*append)->table);
    text_fini(&(*append)->out);
    free(*append);
    *append = NULL;
}

bool append_restore(struct append *append, struct span name, const struct producer_last *last)
{
    struct append_producer *producer = append_table_producer(append->table, name);
    if (!producer)
        return false;
    producer->last = *last;
    producer->admitted_n = last->n;
    return true;
}

bool append_send_out(struct append *append, struct span route)
{
    return !append->out.failed && append->options.port.send(append->options.port.arg, route, text_span(&append->out));
}

void append_end_session(struct append *append, struct append_session *session, const char *code, const char *text)
{
    append_write_error(&append->out, code, text);
    append_send_out(append, append_session_route(session));
    append_table_detach(append->table, session);
    session->is_ended = true;
}

static const char *text_of(const char *code)
{
    switch (code[0]) {
    case 'b':
        return "too much at once: say hello again after a pause";
    case 'o':
        return "the numbers have a gap";
    case 'u':
        return "the log's disk refuses: say hello again after a pause";
    default:
        return "that is no message of this protocol";
    }
}

static void answer_stranger(struct append *append, struct span route, const char *code, const char *text)
{
    append_write_error(&append->out, code, text);
    append_send_out(append, route);
}

/* Tells the session how far it is settled. `must` repeats what it may have been told before. */
void append_send_ack(struct append *append, struct append_session *session, bool must)
{
    const struct append_producer *producer = append_table_producer_at(append->table, session->producer);
    uint64_t n = session->received_n;
    if (producer->admitted_n > producer->last.n && n > producer->last.n)
        n = producer->last.n;
    const struct append_port *port = &append->options.port;
    uint64_t step = UINT64_MAX;
    uint64_t held = port->held ? port->held(port->arg, session->owner, session->sender, &step) : 0;
    if (held > 0 && session->received_n - n < held) {
        n = session->received_n > held ? session->received_n - held : 0;
        append->is_holding = true;
    }
    if (n > session->acked_n && n - session->acked_n > step) {
        n = session->acked_n + step;
        append->is_holding = true;
    }
    if (n == 0 || (n <= session->acked_n && !must))
        return;
    bool is_known = producer->last.n > 0 && n >= producer->last.n;
    append_write_ack(&append->out, n, is_known ? &producer->last : NULL);
    if (append_send_out(append, append_session_route(session)) && n > session->acked_n)
        session->acked_n = n;
}

/* Answers the hello once nothing of the producer is on its way: what its last process sent has its numbers, and a new
 * one must go on behind them, not be taken for a repetition of them. */
static void welcome(struct append *append, struct append_session *session)
{
    const struct append_producer *producer = append_table_producer_at(append->table, session->producer);
    if (session->is_welcome || producer->admitted_n > producer->last.n)
        return;
    session->is_welcome = true;
    append_write_welcome(&append->out, append->options.log_id, producer->last.n, append->options.window);
    append_send_out(append, append_session_route(session));
}

static void take_hello(struct append *append, struct span route, access_id owner, const struct append_message *hello,
                       uint64_t now_us)
{
    const struct append_port *port = &append->options.port;
    if (hello->version != 1) {
        answer_stranger(append, route, "version", "this broker speaks version 1");
        return;
    }
    const char *code = "denied";
    const char *why = port->forbids_producer ? port->forbids_producer(port->arg, hello->producer, &code) : NULL;
    if (why) {
        answer_stranger(append, route, code, why);
        return;
    }
    struct append_producer *producer = append_table_producer(append->table, hello->producer);
    struct append_session *session = producer ? append_table_session(append->table, route, true) : NULL;
    if (!session) {
        answer_stranger(append, route, "busy", "too many producers at once");
        return;
    }
    append_table_detach(append->table, session);
    session->heard_us = now_us;
    session->owner = owner;
    session->sender = port->sender ? port->sender(port->arg) : owner;
    if (hello->incarnation < producer->incarnation) {
        append_end_session(append, session, "fenced", "a newer incarnation of this producer has said hello");
        return;
    }
    struct append_session *older = append_table_session_of(append->table, producer);
    if (older && hello->incarnation > producer->incarnation)
        append_end_session(append, older, "fenced", "a newer incarnation of this producer has said hello");
    producer->incarnation = hello->incarnation;
    append_table_attach(append->table, session, producer);
    welcome(append, session);
    if (!session->is_welcome && !port->is_writable(port->arg))
        append_end_session(append, session, "unavailable", text_of("unavailable"));
}

static bool send_nack(struct append *append, struct append_session *session, uint64_t n, const struct refusal *refusal)
{
    append->options.port.refused(append->options.port.arg, refusal);
    append_write_nack(&append->out, n, refusal);
    return append_send_out(append, append_session_route(session));
}

static bool send_denied(struct append *append, struct append_session *session, uint64_t n, const char *field)
{
    append_write_denied(&append->out, n, field);
    return append_send_out(append, append_session_route(session));
}

/* Takes a good event; NULL, or the code that ends the session. */
static const char *take_good(struct append *append, struct append_session *session, struct append_producer *producer,
                             const struct event *event, uint64_t n)
{
    const struct append_port *port = &append->options.port;
    const char *field = port->forbids ? port->forbids(port->arg, event) : NULL;
    if (field)
        return send_denied(append, session, n, field) ? NULL : "busy";
    struct append_origin origin = {append_producer_name(producer), n, session->producer, session->sender};
    if (!port->admit(port->arg, event, &origin))
        return "busy";
    producer->admitted_n = n;
    return NULL;
}

/* Takes event `n` of a session; NULL, or the code that ends the session. */
static const char *take_event(struct append *append, struct append_session *session, struct append_producer *producer,
                              struct wire_reader *reader, uint64_t n)
{
    if (n <= producer->admitted_n)
        return wire_skip(reader) ? NULL : "protocol";
    uint64_t settled_n = session->acked_n > producer->last.n ? session->acked_n : producer->last.n;
    if (n > settled_n && n - settled_n > append->options.window)
        return "busy";
    struct event event;
    struct refusal refusal;
    struct span rest = span_of(reader->at, (size_t)(reader->end - reader->at));
    size_t used = event_judge(append->options.judge, rest, &event, &refusal);
    if (used == 0)
        return "protocol";
    reader->at += used;
    if (!refusal.code)
        return take_good(append, session, producer, &event, n);
    /* a client that does not take its nacks would never know */
    return send_nack(append, session, n, &refusal) ? NULL : "busy";
}

static const char *take_events(struct append *append, struct append_session *session, struct append_message *put)
{
    struct append_producer *producer = append_table_producer_at(append->table, session->producer);
    if (!session->is_welcome)
        return "protocol";
    if (!append->options.port.is_writable(append->options.port.arg))
        return "unavailable";
    if (!session->has_put) {
        session->has_put = true;
        session->acked_n = put->n - 1;
        session->received_n = put->n - 1;
    }
    if (put->n > session->received_n + 1)
        return "order";
    for (uint32_t i = 0; i < put->event_count; i++) {
        uint64_t n = put->n + i;
        const char *code = take_event(append, session, producer, &put->events, n);
        if (code)
            return code;
        if (n > session->received_n)
            session->received_n = n;
    }
    return put->events.at == put->events.end ? NULL : "protocol";
}

static void take_put(struct append *append, struct append_session *session, struct append_message *put)
{
    const char *code = take_events(append, session, put);
    if (code) {
        append_end_session(append, session, code, text_of(code));
        return;
    }
    const struct append_producer *producer = append_table_producer_at(append->table, session->producer);
    bool is_repeated = put->event_count > 0 && put->n + put->event_count - 1 <= producer->last.n;
    if (producer->admitted_n <= producer->last.n || is_repeated)
        append_send_ack(append, session, is_repeated);
}

void append_take(struct append *append, struct span route, access_id owner, struct span bytes, uint64_t now_us)
{
    struct append_message message;
    append_message_read(bytes, &message);
    struct append_session *session = append_table_session(append->table, route, false);
    if (session && session->owner != owner) {
        append_table_forget(append->table, session);
        session = NULL;
    }
    if (session)
        session->heard_us = now_us;
    if (message.verb == APPEND_PING) {
        append_write_verb(&append->out, "pong");
        append_send_out(append, route);
    } else if (message.verb == APPEND_HELLO) {
        take_hello(append, route, owner, &message, now_us);
    } else if (!session) {
        if (message.verb != APPEND_PONG)
            answer_stranger(append, route, "protocol",
                            message.verb == APPEND_BAD ? text_of("protocol") : "say hello first");
    } else if (session->is_ended) {
        return; /* sent before the error reached the client */
    } else if (message.verb == APPEND_PUT) {
        take_put(append, session, &message);
    } else if (message.verb == APPEND_BAD) {
        append_end_session(append, session, "protocol", text_of("protocol"));
    }
}

void append_settled(struct append *append, uint32_t slot, const struct producer_last *last)
{
    struct append_producer *producer = append_table_producer_at(append->table, slot);
    producer->last = *last;
    struct append_session *session = append_table_session_of(append->table, producer);
    if (!session)
        return;
    if (session->is_welcome)
        append_send_ack(append, session, false);
    else
        welcome(append, session);
}
