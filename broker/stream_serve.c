/* One step of a session: what session.c says it gets next, sent. A client that does not read is tried again after a
 * pause; one that is gone is forgotten. */
#include "broker/stream_internal.h"
#include "proto/wire.h"

/* Records that are fetched one by one from files, each of which must be found first, before it is another's turn. */
#define FETCHES_MAX 64u

/* Leaves a client alone that does not read, forgets one that is gone. True when its message went out. */
static bool is_sent(struct stream *stream, struct stream_entry *entry, enum stream_sending sending)
{
    if (sending == STREAM_BLOCKED)
        session_pause(&entry->session, stream->now_us);
    else if (sending == STREAM_GONE)
        stream_close(stream, entry);
    else
        entry->session.pause_us = 0;
    return sending == STREAM_SENT;
}

static bool send_opened(struct stream *stream, struct stream_entry *entry)
{
    stream_write_verb(stream, 5, "opened");
    wire_write_uint(&stream->out, 1);
    wire_write_str(&stream->out, span_of_str(stream->options.log_id));
    wire_write_uint(&stream->out, entry->session.terms.from);
    wire_write_uint(&stream->out, stream->limit_seq);
    if (!is_sent(stream, entry, stream_send(stream, stream_entry_route(entry))))
        return false;
    entry->session.is_told_open = true;
    return true;
}

static bool send_end(struct stream *stream, struct stream_entry *entry)
{
    stream_write_verb(stream, 2, "end");
    wire_write_uint(&stream->out, entry->session.cursor.next_seq - 1);
    if (is_sent(stream, entry, stream_send(stream, stream_entry_route(entry))))
        stream_close(stream, entry);
    return false;
}

static bool send_hole(struct stream *stream, struct stream_entry *entry, uint64_t hole_to)
{
    struct log_cursor *cursor = &entry->session.cursor;
    stream_write_verb(stream, 3, "hole");
    wire_write_uint(&stream->out, cursor->next_seq);
    wire_write_uint(&stream->out, hole_to);
    if (!is_sent(stream, entry, stream_send(stream, stream_entry_route(entry))))
        return false;
    cursor->next_seq = hole_to + 1;
    stats_add(&stream->options.stats->stream_holes, 1);
    return true;
}

/* A batch without records: how far the session is. */
static bool send_beat(struct stream *stream, struct stream_entry *entry)
{
    text_clear(&stream->records);
    stream->record_count = 0;
    if (!is_sent(stream, entry, stream_begin(stream, stream_entry_route(entry))))
        return false;
    stream_finish_batch(stream, entry, entry->session.cursor.next_seq - 1);
    return false;
}

/* What the client has asked for. */
static bool send_answer(struct stream *stream, struct stream_entry *entry)
{
    bool is_pong = entry->owes_pong;
    if (is_pong)
        stream_write_verb(stream, 1, "pong");
    else
        stream_write_info(stream);
    if (!is_sent(stream, entry, stream_send(stream, stream_entry_route(entry))))
        return false;
    entry->owes_pong = false;
    entry->owes_info = entry->owes_info && is_pong;
    return true;
}

static bool send_error(struct stream *stream, struct stream_entry *entry)
{
    enum stream_sending sending =
        stream_send_error(stream, stream_entry_route(entry), entry->error_code, entry->error_text);
    if (is_sent(stream, entry, sending))
        stream_close(stream, entry);
    return false;
}

static bool fail(struct stream *stream, struct stream_entry *entry)
{
    int error = log_reader_error(stream->reader);
    log_error("the log cannot be read for a stream session: %s", error < 0 ? strerror(-error) : "out of memory");
    entry->error_code = "unavailable";
    entry->error_text = "the log cannot be read";
    return true;
}

static bool send_records(struct stream *stream, struct stream_entry *entry)
{
    enum stream_sending sending;
    uint64_t hole_to;
    enum stream_reading reading = stream_read(stream, entry, &sending, &hole_to);
    if (stream->record_count > 0) {
        stream_finish_batch(stream, entry, entry->session.cursor.next_seq - 1);
        return true;
    }
    if (sending != STREAM_SENT)
        return is_sent(stream, entry, sending);
    switch (reading) {
    case STREAM_READ_HOLE:
        return send_hole(stream, entry, hole_to);
    case STREAM_READ_FAILED:
        return fail(stream, entry);
    case STREAM_READ_LATER:
        session_pause(&entry->session, stream->now_us);
        return false;
    case STREAM_READ:
        break;
    }
    if (stream->now_us - entry->session.told_us >= SESSION_BEAT_US)
        return send_beat(stream, entry);
    return true;
}

/* --- the latest of each topic --- */

/* Makes latest_seqs those that this session wants next. False when there is none. */
static bool find_latest(struct stream *stream, struct stream_entry *entry, uint64_t through)
{
    const struct session *session = &entry->session;
    if (stream->latest_owner == entry && stream->latest_at < stream->latest_count)
        return true;
    stream->latest_owner = entry;
    stream->latest_at = 0;
    stream->latest_count = stream_find_latest(stream, session->terms.topics, session->latest_after, through,
                                              stream->latest_seqs, 2 * STREAM_LATEST_MAX, STREAM_LATEST_MAX);
    return stream->latest_count > 0;
}

/* Adds the latest record of one topic to the batch. False when that must wait. */
static bool add_latest(struct stream *stream, struct stream_entry *entry, uint64_t seq, bool *is_from_file,
                       enum stream_sending *sending)
{
    struct session *session = &entry->session;
    size_t len_before = stream->records.len;
    if (!stream_put_seq(stream, session, seq, is_from_file))
        return true; /* the log does not hold it any more, or the session does not want its kind */
    if (stream->record_count == 0)
        *sending = stream_begin(stream, stream_entry_route(entry));
    bool fits = stream->record_count == 0 ||
                (stream->records.len <= stream_batch_max(stream) && session_may_send(session, stream->records.len));
    if (*sending != STREAM_SENT || !fits) {
        stream->records.len = len_before;
        return false;
    }
    stream->record_count++;
    return true;
}

static bool send_latest(struct stream *stream, struct stream_entry *entry)
{
    struct session *session = &entry->session;
    enum stream_sending sending = STREAM_SENT;
    uint64_t through = session->terms.from - 1 < stream->limit_seq ? session->terms.from - 1 : stream->limit_seq;
    if (!stream_knows_topics(stream, through)) {
        session_pause(session, stream->now_us);
        return false;
    }
    if (!find_latest(stream, entry, through)) {
        session->has_latest = true;
        stream->latest_owner = NULL;
        return true;
    }
    text_clear(&stream->records);
    stream->record_count = 0;
    for (unsigned fetches = 0; fetches < FETCHES_MAX && stream->latest_at < stream->latest_count;) {
        bool is_from_file = false;
        uint64_t seq = stream->latest_seqs[stream->latest_at];
        if (!add_latest(stream, entry, seq, &is_from_file, &sending))
            break;
        session->latest_after = seq;
        stream->latest_at++;
        fetches += is_from_file;
    }
    if (stream->record_count > 0)
        stream_finish_batch(stream, entry, session->terms.from - 1);
    else if (sending != STREAM_SENT)
        return is_sent(stream, entry, sending);
    return true;
}

bool stream_serve(struct stream *stream, struct stream_entry *entry)
{
    bool may_send = stream->now_us >= entry->session.retry_us;
    if (entry->error_code)
        return may_send && send_error(stream, entry);
    if (may_send && (entry->owes_pong || entry->owes_info))
        return send_answer(stream, entry);
    switch (session_next(&entry->session, stream->limit_seq, stream->now_us)) {
    case SESSION_WAITS:
        return false;
    case SESSION_OPENED:
        return send_opened(stream, entry);
    case SESSION_LATEST:
        return send_latest(stream, entry);
    case SESSION_RECORDS:
        return !stream_is_up_to_date(stream, entry->session.cursor.next_seq) && send_records(stream, entry);
    case SESSION_BEAT:
        return send_beat(stream, entry);
    case SESSION_ENDS:
        return send_end(stream, entry);
    }
    return false;
}
