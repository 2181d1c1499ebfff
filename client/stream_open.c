/* The stream: made, opened, ended. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/stream.h"

#define TIMEOUT_DEFAULT_MS  5000
#define INTERVAL_DEFAULT_MS 200
#define CREDIT_DEFAULT      ((size_t)4 << 20)

/* A message is longer than its longest event by less: a batch ends at 256 KiB, an answer at 1 MiB. */
#define MESSAGE_ROOM ((int64_t)2 << 20)

/* The time that the broker adds to an event does not count against what the event may have. */
#define TIME_MEMBER_MAX 64

static int copy_numbers(struct tocsin_stream *stream, const struct tocsin_stream_options *options)
{
    if (options->connect_timeout_ms < -1 || options->silence_timeout_ms < 0 || options->cursor_interval_ms < 0 ||
        options->max_event_bytes > INT_MAX || options->credit_bytes > INT64_MAX ||
        (unsigned)options->from > TOCSIN_FROM_LAST)
        return TOCSIN_E_INVALID;
    int interval_ms = options->cursor_interval_ms ? options->cursor_interval_ms : INTERVAL_DEFAULT_MS;
    stream->file_interval_us = (int64_t)interval_ms * 1000;
    stream->silence_timeout_ms = options->silence_timeout_ms ? options->silence_timeout_ms : TIMEOUT_DEFAULT_MS;
    stream->credit_bytes = options->credit_bytes ? options->credit_bytes : CREDIT_DEFAULT;
    stream->commits_by_hand = options->commits_by_hand;
    return TOCSIN_OK;
}

static int make_parts(struct tocsin_stream *stream, const struct tocsin_stream_options *options)
{
    size_t max_event_bytes = options->max_event_bytes ? options->max_event_bytes : TOCSIN_EVENT_BYTES_MAX;
    stream->max_message_bytes = (int64_t)max_event_bytes + MESSAGE_ROOM;
    stream->judge = event_judge_new(max_event_bytes + TIME_MEMBER_MAX, (uint64_t)clock_now_us());
    stream->own_context = options->zmq_context;
    stream->context = context_acquire(options->zmq_context);
    return stream->judge && stream->context ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int keep_log(struct tocsin_stream *stream, const char *log_id)
{
    if (strlen(log_id) != STREAM_LOG_ID_LEN)
        return TOCSIN_E_INVALID;
    memcpy(stream->log_id, log_id, STREAM_LOG_ID_LEN);
    stream->keeps_log = true;
    return TOCSIN_OK;
}

/* Takes the place that the cursor file tells, if there is one. */
static int open_file(struct tocsin_stream *stream, const char *path)
{
    struct cursor cursor;
    stream->has_file = true;
    stream->keeps_log = true;
    int error = cursor_file_open(&stream->file, path);
    if (!error)
        error = cursor_file_read(&stream->file, &cursor);
    if (error)
        return error == TOCSIN_E_END ? TOCSIN_OK : error;
    stream->terms.from = TOCSIN_FROM_SEQ;
    stream->terms.from_value = cursor.seq + 1;
    stream->terms.latest = false;
    stream->head = stream->filed_seq = cursor.seq;
    return keep_log(stream, cursor.log_id);
}

static int take_terms(struct tocsin_stream *stream, const struct tocsin_stream_options *options)
{
    stream->terms = (struct stream_terms){
        .from = options->from,
        .from_value = options->from_value,
        .filters = stream->wanted.filters,
        .types = stream->wanted.types,
        .type_count = stream->wanted.type_count,
        .min_level = stream->wanted.min_level,
        .latest = options->latest,
        .follow = !options->ends_at_head,
    };
    int error = options->log_id ? keep_log(stream, options->log_id) : TOCSIN_OK;
    return error || !options->cursor_file ? error : open_file(stream, options->cursor_file);
}

/* Until the broker has opened it. */
static int wait_open(struct tocsin_stream *stream, int timeout_ms)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), timeout_ms ? timeout_ms : TIMEOUT_DEFAULT_MS);
    while (!stream->is_open) {
        int error = stream_step(stream);
        if (error == TOCSIN_E_TIMEOUT)
            error = stream_wait(stream, deadline_us);
        if (error)
            return error == TOCSIN_E_TIMEOUT ? TOCSIN_E_UNREACHABLE : error;
    }
    return stream->commits_by_hand ? TOCSIN_OK : stream_commit(stream, true);
}

static int begin(struct tocsin_stream *stream, const struct tocsin_stream_options *options)
{
    int error = endpoint_choose(options->stream, options->server, ENDPOINT_STREAM, stream->endpoint);
    if (!error)
        error = copy_numbers(stream, options);
    if (!error)
        error = curve_take(&stream->curve, options->curve);
    if (!error)
        error = wanted_init(&stream->wanted, options);
    if (!error)
        error = make_parts(stream, options);
    if (!error)
        error = take_terms(stream, options);
    return error ? error : wait_open(stream, options->connect_timeout_ms);
}

int tocsin_stream_open(struct tocsin_stream **stream, const struct tocsin_stream_options *options)
{
    static const struct tocsin_stream_options defaults;
    if (!stream)
        return TOCSIN_E_INVALID;
    *stream = calloc(1, sizeof **stream);
    if (!*stream)
        return TOCSIN_E_NOMEM;
    int error = begin(*stream, options ? options : &defaults);
    int reason = errno;
    if (error)
        tocsin_stream_close(stream);
    errno = reason;
    return error;
}

void tocsin_stream_close(struct tocsin_stream **stream)
{
    if (!stream || !*stream)
        return;
    struct tocsin_stream *closing = *stream;
    if (closing->is_open) {
        stream_encode_verb(&closing->out, "close");
        stream_say(closing);
    }
    stream_disconnect(closing);
    context_release(closing->context, closing->own_context);
    stream_file_end(closing);
    event_judge_free(&closing->judge);
    wanted_fini(&closing->wanted);
    text_fini(&closing->out);
    text_fini(&closing->json);
    curve_forget(&closing->curve);
    free(closing);
    *stream = NULL;
}
