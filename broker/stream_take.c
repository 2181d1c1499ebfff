/* Messages from clients. One part behind the route is right; what has more is nobody's message. */
#include <errno.h>

#include "broker/stream_internal.h"
#include "proto/wire.h"

#define TURN_MESSAGES 256u

static const char no_session[] = "there is no session on this connection: open one";

/* The next message: its route, and its body in stream->message. False when none is there. */
static bool receive(struct stream *stream, struct span *route, bool *is_single)
{
    void *socket = stream->options.door->socket;
    int result;
    do {
        result = zmq_msg_recv(&stream->route, socket, ZMQ_DONTWAIT);
    } while (result < 0 && errno == EINTR);
    if (result < 0)
        return false;
    *route = span_of(zmq_msg_data(&stream->route), zmq_msg_size(&stream->route));
    unsigned parts = 0;
    bool has_more = zmq_msg_more(&stream->route);
    if (!has_more) { /* and no message of an earlier one */
        zmq_msg_close(&stream->message);
        zmq_msg_init(&stream->message);
    }
    for (; has_more; parts++) {
        /* the parts of a message come together */
        if (zmq_msg_recv(&stream->message, socket, 0) < 0)
            return false;
        taken_note_asked(stream->options.taken, stream->options.door, &stream->message);
        has_more = zmq_msg_more(&stream->message);
    }
    *is_single = parts == 1;
    return true;
}

/* A session gets its answer when it reads; who has none and does not read goes without. */
static void answer(struct stream *stream, struct span route, struct stream_entry *entry)
{
    bool is_ping = stream->request.verb == STREAM_PING;
    if (entry) {
        entry->owes_pong |= is_ping;
        entry->owes_info |= !is_ping;
        return;
    }
    if (is_ping)
        stream_write_verb(stream, 1, "pong");
    else
        stream_write_info(stream);
    stream_send(stream, route);
}

/* Where a session begins. 0 or a negative errno. */
static int find_start(struct stream *stream, const struct stream_request *request, uint64_t *from)
{
    uint64_t new_seq = stream->limit_seq + 1;
    uint64_t first_seq = 0;
    int error = 0;
    *from = request->from_value;
    switch (request->from) {
    case STREAM_FROM_NEW:
        *from = new_seq;
        return 0;
    case STREAM_FROM_SEQ:
        if (*from == 0)
            *from = 1;
        return 0;
    case STREAM_FROM_TIME:
        error = log_reader_at_time(stream->reader, request->from_value, from);
        break;
    case STREAM_FROM_FIRST:
    case STREAM_FROM_LAST:
        error = stream_find_first(stream, &first_seq);
        *from =
            request->from == STREAM_FROM_FIRST || request->from_value >= new_seq ? 0 : new_seq - request->from_value;
        if (*from < first_seq)
            *from = first_seq;
        break;
    }
    if (*from == 0 || *from > new_seq)
        *from = new_seq; /* the log has nothing there */
    return error;
}

/* The sets of an open. False when memory has run out. */
static bool make_sets(const struct stream_request *request, const struct span *filters, size_t filter_count,
                      struct session_terms *terms)
{
    if (filter_count > 0)
        terms->topics = prefix_set_new(filters, filter_count, false);
    if (request->type_count > 0)
        terms->types = prefix_set_new(request->types, request->type_count, true);
    return (terms->topics || filter_count == 0) && (terms->types || request->type_count == 0);
}

/* False, and the client was told, when it may not open that. */
static bool is_allowed(struct stream *stream, struct span route, const struct stream_entry *entry,
                       const struct span **filters, size_t *filter_count)
{
    const char *code = "denied";
    const char *why = stream_cut_filters(stream, filters, filter_count);
    if (!why)
        why = stream_forbids_open(stream, entry, &code);
    if (why)
        stream_send_error(stream, route, code, why);
    return !why;
}

static void open_session(struct stream *stream, struct span route, struct stream_entry *before)
{
    const struct stream_request *request = &stream->request;
    const struct span *filters;
    size_t filter_count;
    if (!is_allowed(stream, route, before, &filters, &filter_count))
        return;
    struct session_terms terms = {
        .level = request->level, .begins_with_latest = request->latest, .follows = request->follow};
    struct stream_entry *entry = NULL;
    if (find_start(stream, request, &terms.from) < 0) {
        stream_send_error(stream, route, "unavailable", "the log cannot be read");
        return;
    }
    if (make_sets(request, filters, filter_count, &terms))
        entry = stream_table_open(stream->table, route, &terms, stream->now_us);
    if (!entry) {
        prefix_set_free(&terms.topics);
        prefix_set_free(&terms.types);
        stream_send_error(stream, route, "busy", "there are too many sessions, or filters: try again later");
        return;
    }
    entry->owner = stream->key ? stream->key->id : 0;
    entry->rights = stream->key ? stream->key->rights : 0;
    if (stream->latest_owner == entry)
        stream->latest_owner = NULL;
    stats_set(&stream->options.stats->stream_sessions, stream_table_count(stream->table));
}

static void ask_latest(struct stream *stream, struct span route)
{
    const struct span *filters;
    size_t filter_count;
    const char *why = stream_cut_filters(stream, &filters, &filter_count);
    if (!why && stream->key && !stream->key->replay)
        why = "this key may not read what is past";
    if (why)
        stream_send_error(stream, route, "denied", why);
    else if (!stream_query_ask(stream, route, filters, filter_count))
        stream_send_error(stream, route, "busy", "too many are asking for the latest: try again later");
}

static void act(struct stream *stream, struct span route, struct stream_entry *entry)
{
    switch (stream->request.verb) {
    case STREAM_OPEN:
        open_session(stream, route, entry);
        break;
    case STREAM_CREDIT:
        if (entry)
            session_add_credit(&entry->session, stream->request.credit);
        else
            stream_send_error(stream, route, "closed", no_session);
        break;
    case STREAM_CLOSE:
        if (entry)
            stream_close(stream, entry);
        break;
    case STREAM_PING:
    case STREAM_INFO:
        answer(stream, route, entry);
        break;
    case STREAM_PONG:
        break;
    case STREAM_LATEST:
        ask_latest(stream, route);
        break;
    case STREAM_RELOAD:
        stream_reload_ask(stream, route);
        break;
    }
}

static void take(struct stream *stream, struct span route, bool is_single)
{
    struct stream_entry *entry = stream_table_find(stream->table, route);
    if (!stream_identify(stream))
        return;
    if (entry && entry->owner != (stream->key ? stream->key->id : 0)) {
        stream_close(stream, entry); /* the route is another one's now */
        entry = NULL;
    }
    struct span message = span_of(zmq_msg_data(&stream->message), zmq_msg_size(&stream->message));
    const char *code = "protocol";
    const char *wrong = is_single ? stream_request_read(&stream->request, message, &code)
                                  : "a message is one frame, without an empty one before it";
    if (entry)
        entry->session.heard_us = stream->now_us;
    if (!wrong) {
        act(stream, route, entry);
        return;
    }
    if (entry) {
        entry->error_code = code;
        entry->error_text = wrong;
    } else {
        stream_send_error(stream, route, code, wrong);
    }
}

unsigned stream_take(struct stream *stream)
{
    unsigned count = 0;
    struct span route;
    for (bool is_single; count < TURN_MESSAGES && receive(stream, &route, &is_single); count++)
        take(stream, route, is_single);
    return count;
}
