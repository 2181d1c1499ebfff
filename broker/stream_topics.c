/* The last seq of every topic, as far as the log may be read: followed in memory as frames or notes of them come, and
 * through the log's files where some did not: at once where someone waits for it, else now and then, so that a journal
 * that has much to do is not slowed down by a reader of its files. */
#include <stdlib.h>

#include "broker/log_lines.h"
#include "broker/stream_internal.h"
#include "proto/error.h"
#include "proto/record.h"

#define NEAR_LINES 256u

/* Between two slices of the files that nobody waits for. */
#define UNHURRIED_US 50000u

static bool holds(const struct stream_tail *tail, uint64_t seq)
{
    return seq >= stream_tail_first(tail) && seq <= stream_tail_last(tail);
}

/* From the frame, or the note of it, that holds the next seq. */
static void follow_frame(struct stream *stream, struct stream_tail *tail, uint64_t *at)
{
    struct stream_frame frame;
    uint64_t *next_seq = &stream->topics_cursor.next_seq;
    stream_tail_find(tail, *next_seq, at, &frame);
    uint64_t last_seq = frame.last_seq < stream->limit_seq ? frame.last_seq : stream->limit_seq;
    topics_advance(stream->topics, frame.topic, last_seq);
    *next_seq = last_seq + 1;
    *at = frame.next_at;
}

/* False when nothing more can be read now. */
static bool follow_line(struct stream *stream, size_t *looked_through)
{
    struct log_cursor *cursor = &stream->topics_cursor;
    uint8_t topic[TOCSIN_TOPIC_MAX];
    struct line line;
    uint64_t hole_to;
    switch (log_reader_next(stream->reader, cursor, stream->limit_seq, &line, &hole_to)) {
    case LOG_READER_LINE:
        *looked_through += line.hashed.len;
        size_t len = log_lines_topic(&line, &stream->scratch, topic);
        if (len > 0)
            topics_advance(stream->topics, span_of(topic, len), line.seq);
        return true;
    case LOG_READER_HOLE:
        cursor->next_seq = hole_to + 1;
        return true;
    case LOG_READER_END:
    case LOG_READER_FAILED:
        break;
    }
    return false;
}

void stream_take_note(struct stream *stream, struct span note, uint64_t last_seq, uint32_t count)
{
    uint64_t *next_seq = &stream->topics_cursor.next_seq;
    if (*next_seq != last_seq - count + 1 || last_seq > stream->limit_seq) {
        stream_tail_add(stream->notes, note, last_seq, count);
        return;
    }
    topics_advance(stream->topics, span_of(note.data, note.len - 1), last_seq);
    *next_seq = last_seq + 1;
}

/* Whether it is time for the files; if so, the next time is set. */
static bool may_read(struct stream *stream, bool is_pressed)
{
    bool is_time = is_pressed || stream->now_us >= stream->topics_file_us;
    if (is_time)
        stream->topics_file_us = stream->now_us + UNHURRIED_US;
    return is_time;
}

bool stream_follow_topics(struct stream *stream, bool is_pressed)
{
    bool is_reading = false;
    for (size_t looked_through = 0; looked_through < STREAM_SLICE_LEN;) {
        uint64_t next_seq = stream->topics_cursor.next_seq;
        if (next_seq > stream->limit_seq || next_seq > stream->offered_upto) {
            stream->topics_file_us = 0;
            return false;
        }
        if (holds(stream->tail, next_seq)) {
            follow_frame(stream, stream->tail, &stream->topics_tail_at);
        } else if (holds(stream->notes, next_seq)) {
            follow_frame(stream, stream->notes, &stream->topics_notes_at);
        } else {
            is_reading = is_reading || may_read(stream, is_pressed);
            if (!is_reading || !follow_line(stream, &looked_through))
                return false;
        }
    }
    return is_pressed;
}

uint64_t stream_topics_due_us(const struct stream *stream)
{
    return stream->topics_file_us;
}

bool stream_knows_topics(const struct stream *stream, uint64_t seq)
{
    return stream->topics_cursor.next_seq > seq;
}

/* --- the latest --- */

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static size_t keep_lowest(uint64_t *seqs, size_t count, size_t max)
{
    qsort(seqs, count, sizeof *seqs, compare_seqs);
    return count < max ? count : max;
}

size_t stream_find_latest(const struct stream *stream, const struct prefix_set *set, uint64_t after, uint64_t through,
                          uint64_t *seqs, size_t room, size_t max)
{
    struct span topic;
    uint64_t seq;
    size_t count = 0;
    for (size_t at = 0; topics_next(stream->topics, &at, &topic, &seq);) {
        if (seq <= after || seq > through || !prefix_set_has(set, topic))
            continue;
        seqs[count++] = seq;
        if (count == room) {
            count = keep_lowest(seqs, count, max);
            if (count == max)
                through = seqs[max - 1]; /* what comes later than these is not among the lowest */
        }
    }
    return keep_lowest(seqs, count, max);
}

/* From memory; false when the record is not of that kind. */
static bool put_record(struct stream *stream, const struct session *session, uint64_t seq)
{
    struct stream_frame frame;
    struct record record;
    uint64_t at = 0;
    stream_tail_find(stream->tail, seq, &at, &frame);
    struct span rest = frame.records;
    for (size_t used; record_read(rest, &record, &used) == TOCSIN_OK;
         rest = span_of(rest.data + used, rest.len - used)) {
        if (record.seq != seq)
            continue;
        if (session && !session_wants_kind(session, record.event.level, record.event.type))
            return false;
        text_put(&stream->records, rest.data, used);
        return true;
    }
    return false;
}

/* Lines that are near are read through; to those further on the way is found anew. */
static enum log_reader_result fetch(struct stream *stream, uint64_t seq, struct line *line)
{
    struct log_cursor *cursor = &stream->fetch_cursor;
    uint64_t hole_to;
    if (seq < cursor->next_seq || seq - cursor->next_seq > NEAR_LINES)
        cursor->file_seq = 0;
    cursor->next_seq = seq;
    return log_reader_next(stream->reader, cursor, seq, line, &hole_to);
}

bool stream_put_seq(struct stream *stream, const struct session *session, uint64_t seq, bool *is_from_file)
{
    struct line line;
    *is_from_file = !stream_tail_has(stream, seq);
    if (!*is_from_file)
        return put_record(stream, session, seq);
    if (fetch(stream, seq, &line) != LOG_READER_LINE)
        return false;
    stats_add(&stream->options.stats->stream_file_lines, 1);
    int level = level_of_word((const char *)line.level.data, line.level.len);
    if (level < 0 || (session && !session_wants_kind(session, (enum tocsin_level)level, line.type)))
        return false;
    return stream_put_line(stream, &line) == TOCSIN_OK;
}
