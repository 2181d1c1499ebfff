#include "client/source.h"

int source_next(struct source *source, struct tocsin_message *message, int timeout_ms)
{
    if (source->live)
        return tocsin_subscriber_next(source->live, message, timeout_ms);
    if (source->stream)
        return tocsin_stream_next(source->stream, message, timeout_ms);
    return log_files_next(source->files, message);
}

int source_event_json(struct source *source, struct tocsin_text *json)
{
    if (source->live)
        return tocsin_subscriber_event_json(source->live, json);
    if (source->stream)
        return tocsin_stream_event_json(source->stream, json);
    return log_files_event_json(source->files, json);
}

void source_close(struct source *source)
{
    tocsin_subscriber_close(&source->live);
    tocsin_stream_close(&source->stream);
    log_files_close(&source->files);
}

void source_progress(const struct source *source, uint64_t first, uint64_t *done, uint64_t *total)
{
    if (source->files) {
        log_files_progress(source->files, done, total);
        return;
    }
    uint64_t cursor = tocsin_stream_cursor(source->stream);
    *done = cursor > first ? cursor - first : 0;
    *total = tocsin_stream_head(source->stream) - first;
}
