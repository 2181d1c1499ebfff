/* What a session gets next comes from the memory of the latest records while its cursor is there, else from the log's
 * files, line by line, until it has caught up with that memory. */
#include "broker/log_lines.h"
#include "broker/stream_internal.h"
#include "proto/error.h"
#include "proto/record.h"

/* What passing over a frame in memory counts for in a slice, and a line beside what its hash covers. */
#define FRAME_COST 128u
#define LINE_COST  48u

struct slice {
    struct stream *stream;
    struct stream_entry *entry;
    struct session *session;
    size_t looked_through; /* bytes */
    enum stream_sending sending;
    bool is_full;
    uint64_t hole_to; /* 0: there is none */
};

bool stream_tail_has(const struct stream *stream, uint64_t seq)
{
    return seq >= stream_tail_first(stream->tail) && seq <= stream_tail_last(stream->tail);
}

bool stream_is_up_to_date(const struct stream *stream, uint64_t seq)
{
    uint64_t last_seq = stream_tail_last(stream->tail);
    return last_seq > 0 && seq == last_seq + 1 && last_seq >= stream->offered_upto;
}

static bool may_send(const struct slice *slice, size_t len)
{
    return len <= stream_batch_max(slice->stream) && session_may_send(slice->session, len);
}

/* Room in the batch for records of `len` bytes, of which one alone may be longer. The first ones send the route. */
static bool make_room(struct slice *slice, size_t len)
{
    struct stream *stream = slice->stream;
    if (stream->record_count > 0) {
        slice->is_full = !may_send(slice, stream->records.len + len);
        return !slice->is_full;
    }
    slice->sending = stream_begin(stream, stream_entry_route(slice->entry));
    return slice->sending == STREAM_SENT;
}

/* --- from memory --- */

static bool is_wanted(const struct session *session, const struct record *record)
{
    return session_wants_kind(session, record->event.level, record->event.type);
}

/* False when the frame could not be taken to its end. */
static bool take_records(struct slice *slice, const struct stream_frame *frame)
{
    struct stream *stream = slice->stream;
    struct log_cursor *cursor = &slice->session->cursor;
    struct span rest = frame->records;
    struct record record;
    for (size_t used; record_read(rest, &record, &used) == TOCSIN_OK;
         rest = span_of(rest.data + used, rest.len - used)) {
        if (record.seq < cursor->next_seq)
            continue;
        if (record.seq > stream->limit_seq)
            return false;
        if (is_wanted(slice->session, &record)) {
            if (!make_room(slice, used))
                return false;
            text_put(&stream->records, rest.data, used);
            stream->record_count++;
        }
        cursor->next_seq = record.seq + 1;
        stats_add(&stream->options.stats->stream_tail_records, 1);
    }
    return true;
}

/* The frame as it is, when all of it is wanted and may go. */
static bool take_whole(struct slice *slice, const struct stream_frame *frame)
{
    struct stream *stream = slice->stream;
    struct log_cursor *cursor = &slice->session->cursor;
    bool may_go = frame->first_seq == cursor->next_seq && frame->last_seq <= stream->limit_seq &&
                  session_wants_every_kind(slice->session) && may_send(slice, stream->records.len + frame->records.len);
    if (!may_go || !make_room(slice, frame->records.len))
        return false;
    uint64_t count = frame->last_seq - frame->first_seq + 1;
    text_put(&stream->records, frame->records.data, frame->records.len);
    stream->record_count += (uint32_t)count;
    cursor->next_seq = frame->last_seq + 1;
    stats_add(&stream->options.stats->stream_tail_records, count);
    return true;
}

/* False when nothing more can be taken now. */
static bool take_frame(struct slice *slice)
{
    struct stream *stream = slice->stream;
    struct session *session = slice->session;
    struct stream_frame frame;
    stream_tail_find(stream->tail, session->cursor.next_seq, &session->tail_at, &frame);
    if (!session_wants_topic(session, frame.topic)) {
        uint64_t last_seq = frame.last_seq < stream->limit_seq ? frame.last_seq : stream->limit_seq;
        session->cursor.next_seq = last_seq + 1;
        slice->looked_through += FRAME_COST;
    } else {
        slice->looked_through += frame.records.len;
        if (!take_whole(slice, &frame) && (slice->sending != STREAM_SENT || !take_records(slice, &frame)))
            return false;
    }
    session->tail_at = frame.next_at;
    return true;
}

/* --- from files --- */

static bool wants_line(struct stream *stream, const struct session *session, const struct line *line)
{
    uint8_t topic[TOCSIN_TOPIC_MAX];
    if (!session_wants_every_kind(session)) {
        int level = level_of_word((const char *)line->level.data, line->level.len);
        if (level < 0 || !session_wants_kind(session, (enum tocsin_level)level, line->type))
            return false;
    }
    if (!session->terms.topics)
        return true;
    size_t len = log_lines_topic(line, &stream->scratch, topic);
    return len > 0 && session_wants_topic(session, span_of(topic, len));
}

int stream_put_line(struct stream *stream, const struct line *line)
{
    struct text *records = &stream->records;
    size_t len_before = records->len;
    uint8_t head[RECORD_HEAD_MAX];
    text_put(records, head, record_write_head(head, line->seq, line->prev, line->received_us));
    int result = records->failed ? TOCSIN_E_NOMEM : line_read_event(line, records, NULL);
    if (result != TOCSIN_OK)
        records->len = len_before;
    return result;
}

/* Takes a line that is wanted. False when that cannot be, for whatever reason: the line is then still to come. */
static bool take_line(struct slice *slice, const struct line *line, enum stream_reading *reading)
{
    struct stream *stream = slice->stream;
    size_t len_before = stream->records.len;
    int result = stream_put_line(stream, line);
    if (result == TOCSIN_E_SYNTAX) {
        slice->hole_to = line->seq;
        return false;
    }
    if (result != TOCSIN_OK) {
        *reading = STREAM_READ_FAILED;
        return false;
    }
    if (!make_room(slice, stream->records.len - len_before)) {
        stream->records.len = len_before;
        return false;
    }
    stream->record_count++;
    return true;
}

/* The next line. False when nothing more can be taken now; *reading tells why. */
static bool read_line(struct slice *slice, enum stream_reading *reading)
{
    struct stream *stream = slice->stream;
    struct log_cursor *cursor = &slice->session->cursor;
    struct log_cursor before = *cursor;
    struct line line;
    switch (log_reader_next(stream->reader, cursor, stream->limit_seq, &line, &slice->hole_to)) {
    case LOG_READER_LINE:
        break;
    case LOG_READER_HOLE:
        return false;
    case LOG_READER_END:
        slice->hole_to = 0;
        *reading = STREAM_READ_LATER;
        return false;
    case LOG_READER_FAILED:
        slice->hole_to = 0;
        *reading = STREAM_READ_FAILED;
        return false;
    }
    slice->hole_to = 0;
    slice->looked_through += line.hashed.len + LINE_COST;
    stats_add(&stream->options.stats->stream_file_lines, 1);
    if (!wants_line(stream, slice->session, &line) || take_line(slice, &line, reading))
        return true;
    *cursor = before;
    return false;
}

enum stream_reading stream_read(struct stream *stream, struct stream_entry *entry, enum stream_sending *sending,
                                uint64_t *hole_to)
{
    struct slice slice = {.stream = stream, .entry = entry, .session = &entry->session};
    enum stream_reading reading = STREAM_READ;
    text_clear(&stream->records);
    stream->record_count = 0;
    for (bool goes_on = true; goes_on && slice.looked_through < STREAM_SLICE_LEN;) {
        uint64_t next_seq = entry->session.cursor.next_seq;
        if (next_seq > stream->limit_seq || stream_is_up_to_date(stream, next_seq))
            break;
        goes_on = stream_tail_has(stream, next_seq) ? take_frame(&slice) : read_line(&slice, &reading);
    }
    *sending = slice.sending;
    *hole_to = slice.hole_to;
    if (stream->record_count > 0)
        return STREAM_READ; /* what stopped it comes again after them */
    return slice.hole_to > 0 ? STREAM_READ_HOLE : reading;
}
