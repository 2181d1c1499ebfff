/* What of the stream thread is due to time alone: now and then, whatever clients and the journal do. */
#include "broker/stream_internal.h"

#define TICK_US      100000   /* between looks at what is due to time alone */
#define IDLE_TICK_US 1000000  /* … when there is no session */
#define REST_US      5000000  /* between two times that files of earlier days are closed */
#define AGE_US       20000000 /* records are kept in memory for so long, and up to twice that, where there is room */

static void tell_bad_lines(struct stream *stream)
{
    _Atomic uint64_t *told = &stream->options.stats->stream_bad_lines;
    uint64_t suppressed, count = log_reader_bad_lines(stream->reader);
    if (count == stats_get(told) || !log_limit_passes(&stream->bad_line_limit, stream->now_us, &suppressed))
        return;
    stats_set(told, count);
    log_warning("the log has lines that cannot be read; stream sessions are told of a hole (%llu so far)",
                (unsigned long long)count);
}

/* So that it is made anew. */
static void tell_bad_indexes(struct stream *stream)
{
    uint64_t file_seq, count = log_reader_bad_indexes(stream->reader, &file_seq);
    if (count == stats_get(&stream->options.stats->stream_bad_indexes))
        return;
    stats_set(&stream->options.stats->stream_bad_index_seq, file_seq);
    stats_set(&stream->options.stats->stream_bad_indexes, count);
}

/* Where the session is that has the farthest to go through the files: retention leaves that file alone. */
static void tell_reading(struct stream *stream)
{
    uint64_t reading_seq = 0;
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        const struct stream_entry *entry = stream_table_at(stream->table, slot);
        uint64_t next_seq = entry ? entry->session.cursor.next_seq : 0;
        if (entry && entry->session.credit > 0 && next_seq <= stream->limit_seq && !stream_tail_has(stream, next_seq) &&
            (reading_seq == 0 || next_seq < reading_seq))
            reading_seq = next_seq;
    }
    stats_set(&stream->options.stats->stream_reading_seq, reading_seq);
}

/* After a burst the memory of the latest is given back: who wants it later reads the files. */
static void drop_aged(struct stream *stream)
{
    if (stream->now_us - stream->aged_us < AGE_US)
        return;
    stream_tail_drop(stream->tail, stream->aged_seq);
    stream_tail_drop(stream->notes, stream->topics_cursor.next_seq - 1);
    stream->aged_us = stream->now_us;
    stream->aged_seq = stream_tail_last(stream->tail);
}

void stream_tick(struct stream *stream)
{
    if (stream->now_us < stream->next_tick_us)
        return;
    stream->next_tick_us = stream->now_us + (stream_table_count(stream->table) > 0 ? TICK_US : IDLE_TICK_US);
    tell_bad_lines(stream);
    tell_bad_indexes(stream);
    tell_reading(stream);
    stream_guard_tick(stream);
    drop_aged(stream);
    if (stream->now_us - stream->rested_us >= REST_US) {
        log_reader_rest(stream->reader);
        stream->rested_us = stream->now_us;
    }
    for (size_t slot = 0; slot < stream_table_slots(stream->table); slot++) {
        struct stream_entry *entry = stream_table_at(stream->table, slot);
        if (!entry || !session_is_silent(&entry->session, stream->now_us))
            continue;
        stream_send_error(stream, stream_entry_route(entry), "closed", "the session was silent for 60 s");
        stream_close(stream, entry);
    }
}
