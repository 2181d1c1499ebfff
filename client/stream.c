/* A stream at work.
 *
 * The happy path: a session is opened from a place in the log, and given credit; batches come and are read record by
 * record; each is told, and moves the cursor; credit is given again for what was taken. What can fail: the broker goes
 * away, or forgets the session: another one is opened behind the cursor. The log is another one: told, or an error where
 * a cursor is kept. The cursor file cannot be written: an error of the call, tried again at the next one. */
#include "client/stream.h"

#include "client/clock.h"
#include "client/message.h"

/* Records passed over between two looks at the clock. */
#define STEPS_A_LOOK 256

static void tell_notice(struct tocsin_stream *stream, struct tocsin_message *message)
{
    const struct stream_notice *notice = &stream->notices[stream->notices_told++];
    *message = (struct tocsin_message){
        .kind = notice->kind,
        .first = notice->first,
        .last = notice->last,
        .head = stream->head,
        .log_id = text_of_span(span_of_str(stream->log_id)),
    };
    if (notice->kind == TOCSIN_MESSAGE_HOLE)
        message->at_least = notice->last - notice->first + 1;
}

/* Tells what is there to be told; false: nothing. */
static bool tell(struct tocsin_stream *stream, struct tocsin_message *message)
{
    if (stream->notices_told < stream->notice_count) {
        tell_notice(stream, message);
        return true;
    }
    stream->notices_told = stream->notice_count = 0;
    if (!stream->has_record)
        return false;
    message_of_record(message, &stream->record, span_of(stream->topic, stream->topic_len), span_of_str(stream->log_id));
    stream->has_record = false;
    stream->is_record_told = true;
    return true;
}

int tocsin_stream_next(struct tocsin_stream *stream, struct tocsin_message *message, int timeout_ms)
{
    if (!stream || !message)
        return TOCSIN_E_INVALID;
    stream->is_record_told = false;
    int error = stream->commits_by_hand || !stream->has_file ? TOCSIN_OK : stream_commit(stream, false);
    if (error)
        return error;
    int64_t deadline_us = timeout_ms > 0 ? clock_deadline_us(clock_now_us(), timeout_ms) : 0;
    if (timeout_ms < 0)
        deadline_us = CLOCK_NEVER;
    for (unsigned steps = 0; !tell(stream, message); steps++) {
        if (stream->is_ended)
            return TOCSIN_E_END;
        error = stream_step(stream);
        if (error == TOCSIN_E_TIMEOUT)
            error = stream_wait(stream, deadline_us);
        else if (!error && steps % STEPS_A_LOOK == STEPS_A_LOOK - 1 && clock_now_us() >= deadline_us)
            error = TOCSIN_E_TIMEOUT;
        if (error)
            return error;
    }
    return TOCSIN_OK;
}

uint64_t tocsin_stream_cursor(const struct tocsin_stream *stream)
{
    return stream && stream->is_placed && !stream->is_in_latest ? stream->cursor : 0;
}

const char *tocsin_stream_log_id(const struct tocsin_stream *stream)
{
    return stream ? stream->log_id : "";
}

uint64_t tocsin_stream_head(const struct tocsin_stream *stream)
{
    return stream ? stream->head : 0;
}

int tocsin_stream_snapshot_json(struct tocsin_stream *stream, struct tocsin_text *json)
{
    if (!stream || !json || !stream->is_record_told)
        return TOCSIN_E_INVALID;
    return message_snapshot_json(&stream->json, &stream->record, json);
}

int tocsin_stream_event_json(struct tocsin_stream *stream, struct tocsin_text *json)
{
    if (!stream || !json || !stream->is_record_told)
        return TOCSIN_E_INVALID;
    return message_event_json(&stream->json, &stream->record, json);
}
