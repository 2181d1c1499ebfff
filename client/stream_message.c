/* What the broker says on a stream, carried out. What a sound broker cannot say ends the session with
 * TOCSIN_E_PROTOCOL, and it is asked again from the cursor on: nothing is skipped. */
#include "client/stream.h"

static int refuse(struct tocsin_stream *stream)
{
    stream_restart(stream);
    return TOCSIN_E_PROTOCOL;
}

static int fail(struct tocsin_stream *stream, int error)
{
    stream_disconnect(stream);
    return stream->error = error;
}

static void move_cursor(struct tocsin_stream *stream, uint64_t seq)
{
    stream->is_in_latest = false;
    stream->cursor = seq;
    if (seq > stream->head)
        stream->head = seq;
}

static void give_credit(struct tocsin_stream *stream, uint64_t bytes)
{
    stream_encode_credit(&stream->out, bytes);
    stream_say(stream);
}

/* --- opened --- */

static void place(struct tocsin_stream *stream, const struct stream_answer *answer)
{
    stream->is_placed = true;
    memcpy(stream->log_id, answer->log_id.data, STREAM_LOG_ID_LEN);
    stream->from = answer->from;
    stream->cursor = answer->from - 1;
    stream->is_in_latest = stream->terms.latest;
    stream->latest_told = 0;
}

/* The log lost its end, or is another one: begins anew where that makes sense. */
static int reset(struct tocsin_stream *stream, const struct stream_answer *answer, bool is_same_log)
{
    memcpy(stream->log_id, answer->log_id.data, STREAM_LOG_ID_LEN);
    stream->head = answer->head;
    stream->cursor = answer->head;
    stream->committed_seq = 0;
    stream->is_in_latest = false;
    stream->is_placed = is_same_log;
    if (!is_same_log) {
        stream->terms.from = TOCSIN_FROM_FIRST;
        stream->terms.latest = false;
    }
    stream_notice(stream, TOCSIN_MESSAGE_RESET, 0, 0);
    stream_restart(stream);
    return TOCSIN_OK;
}

static int on_opened(struct tocsin_stream *stream, const struct stream_answer *answer)
{
    if (stream->is_open)
        return refuse(stream);
    bool has_log = stream->log_id[0] != '\0';
    bool is_same_log = !has_log || span_is(answer->log_id, stream->log_id);
    if (!is_same_log && stream->keeps_log)
        return fail(stream, TOCSIN_E_OTHER_LOG);
    if (stream->is_lost)
        stream_notice(stream, TOCSIN_MESSAGE_RESTORED, 0, 0);
    stream->is_lost = false;
    if (!is_same_log || answer->head < stream->head)
        return reset(stream, answer, is_same_log);
    stream->head = answer->head;
    if (!stream->is_placed)
        place(stream, answer);
    else if (answer->from != (stream->is_in_latest ? stream->from : stream->cursor + 1))
        return refuse(stream);
    stream->is_open = true;
    give_credit(stream, stream->credit_bytes);
    return TOCSIN_OK;
}

/* --- what comes then --- */

static void end_batch(struct tocsin_stream *stream)
{
    stream->owed_bytes += zmq_msg_size(&stream->message);
    zmq_msg_close(&stream->message);
    stream->has_batch = false;
    if (stream->owed_bytes < (stream->credit_bytes + 1) / 2)
        return;
    give_credit(stream, stream->owed_bytes);
    stream->owed_bytes = 0;
}

/* Puts the record in its place. False where it cannot stand there; *is_new: it was not told yet. */
static bool take_place(struct tocsin_stream *stream, bool *is_new)
{
    uint64_t seq = stream->record.seq;
    *is_new = true;
    if (seq > stream->answer.upto)
        return false;
    if (stream->is_in_latest && seq < stream->from) {
        *is_new = seq > stream->latest_told;
        if (*is_new)
            stream->latest_told = seq;
        return true;
    }
    if (seq <= stream->cursor)
        return false;
    move_cursor(stream, seq);
    return true;
}

/* The next record of the batch, or its end. */
static int read_record(struct tocsin_stream *stream)
{
    struct record *record = &stream->record;
    bool is_new;
    int error = stream_answer_next(&stream->answer, stream->judge, record);
    if (error == TOCSIN_E_END) {
        if (!stream->is_in_latest)
            move_cursor(stream, stream->answer.upto);
        end_batch(stream);
        return TOCSIN_OK;
    }
    if (error || !take_place(stream, &is_new))
        return refuse(stream);
    stream->topic_len = event_topic(&record->event, stream->topic);
    stream->has_record =
        is_new && wanted_takes(&stream->wanted, &record->event, span_of(stream->topic, stream->topic_len));
    return TOCSIN_OK;
}

/* Begins the batch that is in stream->message. One of the latest has records, and reaches to where the stream begins;
 * any other ends them. */
static int on_batch(struct tocsin_stream *stream)
{
    uint64_t upto = stream->answer.upto;
    stream->has_batch = true;
    stream->pause_ms = 0;
    if (stream->is_in_latest && (stream->answer.record_count == 0 || upto >= stream->from))
        move_cursor(stream, stream->from - 1);
    return upto < stream->cursor ? refuse(stream) : TOCSIN_OK;
}

static int on_hole(struct tocsin_stream *stream, const struct stream_answer *answer)
{
    if (answer->first > stream->cursor + 1 || answer->upto <= stream->cursor)
        return refuse(stream);
    stream_notice(stream, TOCSIN_MESSAGE_HOLE, stream->cursor + 1, answer->upto);
    move_cursor(stream, answer->upto);
    return TOCSIN_OK;
}

static int on_end(struct tocsin_stream *stream, const struct stream_answer *answer)
{
    if (answer->upto < stream->cursor || stream->terms.follow)
        return refuse(stream);
    move_cursor(stream, answer->upto);
    stream->is_ended = true;
    stream_notice(stream, TOCSIN_MESSAGE_END, 0, answer->upto);
    stream_disconnect(stream);
    return TOCSIN_OK;
}

/* The session is over; most of what ends one passes. */
static int on_error(struct tocsin_stream *stream, const struct stream_answer *answer)
{
    if (span_is(answer->code, "version"))
        return fail(stream, TOCSIN_E_PROTOCOL);
    if (span_is(answer->code, "denied"))
        return fail(stream, TOCSIN_E_DENIED);
    if (span_is(answer->code, "protocol"))
        return refuse(stream);
    stream_restart(stream);
    return TOCSIN_OK;
}

/* Carries out a message that is no batch. */
static int act(struct tocsin_stream *stream)
{
    const struct stream_answer *answer = &stream->answer;
    switch (answer->kind) {
    case STREAM_ANSWER_OPENED:
        return on_opened(stream, answer);
    case STREAM_ANSWER_HOLE:
        return stream->is_open ? on_hole(stream, answer) : refuse(stream);
    case STREAM_ANSWER_END:
        return stream->is_open ? on_end(stream, answer) : refuse(stream);
    case STREAM_ANSWER_ERROR:
        return on_error(stream, answer);
    case STREAM_ANSWER_PING:
        stream_encode_verb(&stream->out, "pong");
        stream_say(stream);
        return TOCSIN_OK;
    default:
        return TOCSIN_OK;
    }
}

static int receive(struct tocsin_stream *stream)
{
    if (!stream->socket)
        return TOCSIN_E_TIMEOUT;
    zmq_msg_init(&stream->message);
    if (zmq_msg_recv(&stream->message, stream->socket, ZMQ_DONTWAIT) < 0) {
        int error = zmq_errno() == EINTR ? TOCSIN_E_INTERRUPTED : TOCSIN_E_TIMEOUT;
        zmq_msg_close(&stream->message);
        return error;
    }
    stream->heard_us = 0;
    bool is_single = !zmq_msg_more(&stream->message);
    struct span message = span_of(zmq_msg_data(&stream->message), zmq_msg_size(&stream->message));
    if (is_single && stream_answer_read(message, &stream->answer) == TOCSIN_OK) {
        if (stream->answer.kind == STREAM_ANSWER_BATCH && stream->is_open)
            return on_batch(stream);
        int error = stream->answer.kind == STREAM_ANSWER_BATCH ? refuse(stream) : act(stream);
        zmq_msg_close(&stream->message);
        return error;
    }
    zmq_msg_close(&stream->message);
    return refuse(stream);
}

int stream_step(struct tocsin_stream *stream)
{
    if (stream->error)
        return stream->error;
    return stream->has_batch ? read_record(stream) : receive(stream);
}
