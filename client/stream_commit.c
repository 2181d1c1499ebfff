/* What is handled, and the file that tells so. */
#include "client/clock.h"
#include "client/stream.h"

static int write_file(struct tocsin_stream *stream)
{
    struct cursor cursor = {.seq = stream->committed_seq};
    memcpy(cursor.log_id, stream->log_id, sizeof cursor.log_id);
    int error = cursor_file_write(&stream->file, &cursor);
    stream->filed_us = clock_now_us();
    if (!error)
        stream->filed_seq = stream->committed_seq;
    return error;
}

int stream_commit(struct tocsin_stream *stream, bool must_write)
{
    if (!stream->is_placed || stream->is_in_latest || stream->cursor > stream->head)
        return TOCSIN_OK; /* the latter: a place that the log has not reached */
    stream->committed_seq = stream->cursor;
    if (!stream->has_file || stream->committed_seq == stream->filed_seq)
        return TOCSIN_OK;
    if (!must_write && clock_now_us() - stream->filed_us < stream->file_interval_us)
        return TOCSIN_OK;
    return write_file(stream);
}

int tocsin_stream_commit(struct tocsin_stream *stream, bool must_write)
{
    return stream ? stream_commit(stream, must_write) : TOCSIN_E_INVALID;
}

void stream_file_end(struct tocsin_stream *stream)
{
    if (!stream->has_file)
        return;
    if (stream->committed_seq > 0 && stream->committed_seq != stream->filed_seq)
        write_file(stream);
    cursor_file_close(&stream->file);
}
