#include <errno.h>

#include "broker/stream_internal.h"
#include "proto/wire.h"

#define MANY_SESSIONS 256u

enum stream_sending stream_begin(struct stream *stream, struct span route)
{
    if (door_begin_message(stream->options.door, route))
        return STREAM_SENT;
    return errno == EAGAIN || errno == EINTR ? STREAM_BLOCKED : STREAM_GONE;
}

/* In as few bytes as libzmq sends without asking for memory. */
static void send_no_memory(struct stream *stream)
{
    static const char message[] = "\x93\xa5"
                                  "error"
                                  "\xab"
                                  "unavailable"
                                  "\xa6"
                                  "memory";
    zmq_send(stream->options.door->socket, message, sizeof message - 1, ZMQ_DONTWAIT);
}

bool stream_finish(struct stream *stream, struct span head, struct span rest)
{
    zmq_msg_t message;
    if (!head.data || zmq_msg_init_size(&message, head.len + rest.len) != 0) {
        send_no_memory(stream);
        return false;
    }
    uint8_t *bytes = zmq_msg_data(&message);
    memcpy(bytes, head.data, head.len);
    if (rest.len > 0)
        memcpy(bytes + head.len, rest.data, rest.len);
    if (zmq_msg_send(&message, stream->options.door->socket, ZMQ_DONTWAIT) < 0)
        zmq_msg_close(&message); /* the client has gone meanwhile: the next message to it will tell */
    return true;
}

/* The text of a message, absent when memory ran out while it was written. */
static struct span written(const struct text *text)
{
    return text->failed ? (struct span){NULL, 0} : text_span(text);
}

enum stream_sending stream_send(struct stream *stream, struct span route)
{
    enum stream_sending sending = stream_begin(stream, route);
    if (sending == STREAM_SENT)
        stream_finish(stream, written(&stream->out), (struct span){NULL, 0});
    return sending;
}

void stream_write_verb(struct stream *stream, uint32_t count, const char *verb)
{
    text_clear(&stream->out);
    wire_write_array(&stream->out, count);
    wire_write_str(&stream->out, span_of_str(verb));
}

enum stream_sending stream_send_error(struct stream *stream, struct span route, const char *code, const char *text)
{
    stream_write_verb(stream, 3, "error");
    wire_write_str(&stream->out, span_of_str(code));
    wire_write_str(&stream->out, span_of_str(text));
    enum stream_sending sending = stream_send(stream, route);
    if (sending == STREAM_SENT)
        stats_add(&stream->options.stats->stream_errors, 1);
    return sending;
}

void stream_close(struct stream *stream, struct stream_entry *entry)
{
    if (stream->latest_owner == entry)
        stream->latest_owner = NULL;
    stream_table_close(stream->table, entry);
    stats_set(&stream->options.stats->stream_sessions, stream_table_count(stream->table));
}

size_t stream_batch_max(const struct stream *stream)
{
    return stream_table_count(stream->table) > MANY_SESSIONS ? SESSION_BATCH_MAX_MANY : SESSION_BATCH_MAX;
}

void stream_finish_batch(struct stream *stream, struct stream_entry *entry, uint64_t upto)
{
    struct stats *stats = stream->options.stats;
    stream_write_verb(stream, 3, "batch");
    wire_write_uint(&stream->out, upto);
    wire_write_array(&stream->out, stream->record_count);
    struct span head = stream->records.failed ? (struct span){NULL, 0} : written(&stream->out);
    if (!stream_finish(stream, head, text_span(&stream->records))) {
        stream_close(stream, entry);
        return;
    }
    size_t len = head.len + stream->records.len;
    session_sent_batch(&entry->session, len, stream->now_us);
    stats_add(&stats->stream_batches, 1);
    stats_add(&stats->stream_records, stream->record_count);
    stats_add(&stats->stream_bytes, len);
}
