/* What event_stream sends: documents without anything between, and with an id where it waits for an answer.
 *
 * An answer says that the event is in the broker's log: then it is sent, and not before. OpenSIPS waits for a second; an
 * event that takes longer counts there as failed, though it will be in the log. */
#include <stdlib.h>

#include "client/gateway/json_split.h"
#include "client/gateway/opensips.h"
#include "proto/json.h"

/* Answers that may be due at a time on one connection; with more of them it is not read on. */
#define ANSWERS_MAX 4096
#define ID_MAX      64

#define REFUSED "\"error\":{\"code\":-32600,\"message\":\"refused\"}"

struct answer {
    uint64_t number; /* of the event, as the sink counts */
    char id[ID_MAX]; /* as JSON */
    size_t id_len;
};

struct stream {
    struct json_split split;
    struct answer *answers; /* a ring */
    size_t first;
    size_t count;
};

static struct stream *stream_of(const struct opensips *opensips, struct listen_connection *connection)
{
    if (!connection->state) {
        struct stream *stream = calloc(1, sizeof *stream);
        if (stream)
            stream->split.max_bytes = opensips->gateway.max_message_bytes;
        connection->state = stream;
    }
    return connection->state;
}

void opensips_stream_closed(void *context, struct listen_connection *connection)
{
    (void)context;
    struct stream *stream = connection->state;
    if (stream)
        free(stream->answers);
    free(stream);
}

static void send_answer(struct listen_connection *connection, struct span id, const char *member)
{
    struct text answer;
    text_init(&answer);
    text_put_str(&answer, "{\"jsonrpc\":\"2.0\",\"id\":");
    text_put(&answer, id.data, id.len);
    text_printf(&answer, ",%s}", member);
    if (!answer.failed)
        listen_send(connection, text_span(&answer));
    text_fini(&answer);
}

/* Notes that somebody waits for the event `number`. An id that is too long for one is none that OpenSIPS makes. */
static void note_answer(struct stream *stream, uint64_t number, struct span id)
{
    if (!stream->answers)
        stream->answers = calloc(ANSWERS_MAX, sizeof *stream->answers);
    if (!stream->answers || id.len > ID_MAX)
        return;
    struct answer *answer = &stream->answers[(stream->first + stream->count++) % ANSWERS_MAX];
    answer->number = number;
    answer->id_len = id.len;
    memcpy(answer->id, id.data, id.len);
}

void opensips_stream_settled(void *context, struct listen_connection *connection)
{
    struct opensips *opensips = context;
    struct stream *stream = connection->state;
    uint64_t settled = stream && stream->count > 0 ? sink_settled(opensips->net.sink) : 0;
    while (stream && stream->count > 0 && stream->answers[stream->first].number <= settled) {
        const struct answer *answer = &stream->answers[stream->first];
        bool is_refused = sink_was_refused(opensips->net.sink, answer->number);
        send_answer(connection, span_of(answer->id, answer->id_len), is_refused ? REFUSED : "\"result\":\"OK\"");
        stream->first = (stream->first + 1) % ANSWERS_MAX;
        stream->count--;
    }
}

/* A whole document. TOCSIN_E_FULL: not now. */
static int take_document(struct opensips *opensips, struct listen_connection *connection, struct span document)
{
    struct stream *stream = connection->state;
    struct opensips_message message;
    uint64_t number;
    if (stream->count == ANSWERS_MAX)
        return TOCSIN_E_FULL;
    int error = opensips_take(opensips, opensips->net.sink, document, connection->where, &number, &message);
    if (error == TOCSIN_E_FULL)
        return error;
    connection->messages++;
    if (!message.id.data)
        return error;
    struct text id;
    text_init(&id);
    json_write_value(&id, message.id);
    if (!error)
        note_answer(stream, number, text_span(&id));
    else if (error == TOCSIN_E_REFUSED && id.len <= ID_MAX)
        send_answer(connection, text_span(&id), REFUSED);
    text_fini(&id);
    return error;
}

/* What was found is no document. */
static void refuse(struct opensips *opensips, const struct listen_connection *connection, enum json_split_found what,
                   struct span found)
{
    struct counts *counts = &opensips->gateway.counts;
    if (what == JSON_SPLIT_CUT)
        counts_complain(counts, COUNT_REFUSED_CUT, 1, "%s: a message ends after %zu bytes, before its end",
                        connection->where, found.len);
    else if (what == JSON_SPLIT_LONG)
        counts_complain(counts, COUNT_REFUSED_LENGTH, 1, "%s: a message of more than %zu bytes", connection->where,
                        opensips->gateway.max_message_bytes);
    else
        counts_complain(counts, COUNT_REFUSED_SYNTAX, 1, "%s: bytes that belong to no message", connection->where);
}

size_t opensips_stream_take(void *context, struct listen_connection *connection, struct span bytes, bool is_end,
                            enum listen_verdict *verdict)
{
    struct opensips *opensips = context;
    struct stream *stream = stream_of(opensips, connection);
    size_t done = 0;
    while (stream) {
        struct json_split before = stream->split;
        struct span rest = span_of(bytes.data + done, bytes.len - done), found;
        size_t taken;
        enum json_split_found what = json_split_next(&stream->split, rest, is_end, &found, &taken);
        if (what == JSON_SPLIT_DOCUMENT && take_document(opensips, connection, found) == TOCSIN_E_FULL) {
            stream->split = before;
            *verdict = LISTEN_WAIT;
            return done;
        }
        done += taken;
        if (what == JSON_SPLIT_MORE)
            return done;
        counts_add(&opensips->gateway.counts, COUNT_RECEIVED, 1);
        if (what != JSON_SPLIT_DOCUMENT)
            refuse(opensips, connection, what, found);
    }
    *verdict = LISTEN_CLOSE;
    return 0;
}
