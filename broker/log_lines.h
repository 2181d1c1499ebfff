/* The lines of a file, one after the other, through a buffer that grows only for a line that needs it. */
#ifndef BROKER_LOG_LINES_H
#define BROKER_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/disk.h"
#include "proto/json_read.h"
#include "proto/span.h"
#include "proto/text.h"

struct log_lines {
    const struct disk *disk;
    int fd;
    uint8_t *buffer;
    size_t room;
    size_t first_room; /* may be set before the first line is read: for a look at one line only */
    size_t ask; /* may be set after log_lines_move: read so much, then twice as much …; 0: all that there is room for */
    size_t start; /* of what is unread in the buffer */
    size_t end;
    size_t looked;   /* no LF between start and start + looked */
    uint64_t offset; /* of buffer[start] in the file */
    uint64_t line_max;
    bool is_strict; /* may be set: what does not begin with { or holds a NUL is no line, however long: a piece */
    bool is_at_end;
};

enum log_lines_result {
    LOG_LINES_END,   /* no byte left */
    LOG_LINES_LINE,  /* `line` is a whole line, without its LF */
    LOG_LINES_PIECE, /* `line` is what follows the last LF, or the start of a line beyond line_max; stays unread */
    LOG_LINES_FAILED /* reading failed, or memory ran out: *error says which */
};

/* Begins at `offset`. The file stays the caller's. Takes no memory yet. */
void log_lines_init(struct log_lines *lines, const struct disk *disk, int fd, uint64_t offset, uint64_t line_max);
void log_lines_fini(struct log_lines *lines);

/* Goes on at another offset, or in another file, and forgets what was read ahead. Keeps the memory. */
void log_lines_move(struct log_lines *lines, const struct disk *disk, int fd, uint64_t offset);

/* The next line; the span lives until the next call. `lines->offset` is then the offset behind it. `error`: a negative
 * errno. */
enum log_lines_result log_lines_next(struct log_lines *lines, struct span *line, int *error);

/* After a LOG_LINES_PIECE: drops line_max bytes of it but for the last few (a line's end needs fewer), so that reading
 * can go on. False at the end of the file. */
bool log_lines_drop(struct log_lines *lines);

/* Writes the topic of a line, escapes undone, to `out` (TOCSIN_TOPIC_MAX bytes); the length, or 0 when it is no topic.
 * `scratch` is cleared; it takes memory only for a topic with escapes. */
size_t log_lines_topic(const struct line *line, struct text *scratch, uint8_t *out);

#endif
