/* Where a command gets events from: live, the stream of a broker, or the files of a log. */
#ifndef CLIENT_SOURCE_H
#define CLIENT_SOURCE_H

#include "client/log_files.h"
#include "client/tocsin.h"
#include "client/tocsin_stream.h"

/* One of them is there, and owned. */
struct source {
    struct tocsin_subscriber *live;
    struct tocsin_stream *stream;
    struct log_files *files;
};

/* As tocsin_stream_next. */
int source_next(struct source *source, struct tocsin_message *message, int timeout_ms);

/* As tocsin_stream_event_json. */
int source_event_json(struct source *source, struct tocsin_text *json);

/* How far one is in a stream that began at the seq `first`, or in the files, in the same unit as `total`. Not for live. */
void source_progress(const struct source *source, uint64_t first, uint64_t *done, uint64_t *total);
void source_close(struct source *source);

#endif
