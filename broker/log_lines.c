#include "broker/log_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define FIRST_ROOM (1u << 17)
#define KEPT_LEN   128u /* of a dropped piece */

void log_lines_init(struct log_lines *lines, const struct disk *disk, int fd, uint64_t offset, uint64_t line_max)
{
    *lines =
        (struct log_lines){.disk = disk, .fd = fd, .first_room = FIRST_ROOM, .offset = offset, .line_max = line_max};
}

void log_lines_fini(struct log_lines *lines)
{
    free(lines->buffer);
    lines->buffer = NULL;
}

void log_lines_move(struct log_lines *lines, const struct disk *disk, int fd, uint64_t offset)
{
    lines->disk = disk;
    lines->fd = fd;
    lines->offset = offset;
    lines->ask = lines->start = lines->end = lines->looked = 0;
    lines->is_at_end = false;
}

/* Reads more behind what is unread; first moves that to the front, or doubles the buffer when it is full. */
static int fill(struct log_lines *lines)
{
    size_t unread = lines->end - lines->start;
    if (unread == lines->room) {
        size_t room = lines->room == 0 ? lines->first_room : lines->room * 2;
        uint8_t *buffer = realloc(lines->buffer, room);
        if (buffer == NULL)
            return -ENOMEM;
        lines->buffer = buffer;
        lines->room = room;
    }
    if (unread > 0)
        memmove(lines->buffer, lines->buffer + lines->start, unread);
    lines->start = 0;
    lines->end = unread;
    size_t asked = lines->room - unread;
    if (lines->ask > 0 && lines->ask < asked)
        asked = lines->ask;
    lines->ask = asked < lines->room - unread ? 2 * lines->ask : 0;
    ssize_t count = disk_read_all(lines->disk, lines->fd, lines->buffer + unread, asked, lines->offset + unread);
    if (count < 0)
        return (int)count;
    lines->end += (size_t)count;
    lines->is_at_end = (size_t)count < asked;
    return 0;
}

/* True for what is no part of a line, though its end is not in sight; the first `looked` bytes were asked for before. */
static bool cannot_be_a_line(const uint8_t *from, size_t len, size_t looked)
{
    return len > looked && (from[0] != '{' || memchr(from + looked, '\0', len - looked) != NULL);
}

enum log_lines_result log_lines_next(struct log_lines *lines, struct span *line, int *error)
{
    for (;;) {
        size_t unread = lines->end - lines->start;
        const uint8_t *from = lines->buffer == NULL ? NULL : lines->buffer + lines->start;
        const uint8_t *lf = unread > lines->looked ? memchr(from + lines->looked, '\n', unread - lines->looked) : NULL;
        if (lf != NULL && (uint64_t)(lf - from) <= lines->line_max) {
            *line = span_of(from, (size_t)(lf - from));
            lines->start += line->len + 1;
            lines->offset += line->len + 1;
            lines->looked = 0;
            return LOG_LINES_LINE;
        }
        bool is_hopeless = lines->is_strict && cannot_be_a_line(from, unread, lines->looked);
        lines->looked = lf == NULL ? unread : (size_t)(lf - from);
        if (lines->is_at_end || unread > lines->line_max || is_hopeless) {
            *line = span_of(from, unread);
            return unread == 0 ? LOG_LINES_END : LOG_LINES_PIECE;
        }
        *error = fill(lines);
        if (*error < 0)
            return LOG_LINES_FAILED;
    }
}

bool log_lines_drop(struct log_lines *lines)
{
    size_t unread = lines->end - lines->start;
    size_t dropped = unread < lines->line_max ? unread : (size_t)lines->line_max;

    if (lines->is_at_end && unread <= lines->line_max)
        return false;
    dropped -= dropped < KEPT_LEN ? dropped : KEPT_LEN;
    lines->start += dropped;
    lines->offset += dropped;
    lines->looked -= dropped;
    return true;
}

/* A topic with escapes: the JSON string is read as a value. `raw` lies between its quotes. */
static struct span unescape(struct span raw, struct text *scratch)
{
    struct wire_reader reader;
    struct span result = {NULL, 0};

    text_clear(scratch);
    if (json_read_value(span_of(raw.data - 1, raw.len + 2), 1, scratch, NULL) < 0)
        return result;
    reader = wire_reader_of(text_span(scratch));
    wire_read_str(&reader, &result);
    return result;
}

size_t log_lines_topic(const struct line *line, struct text *scratch, uint8_t *out)
{
    struct span source_id = line->source_id;
    if (memchr(source_id.data, '\\', source_id.len) != NULL)
        source_id = unescape(source_id, scratch);
    size_t len = line->category.len + 1 + source_id.len;
    if (source_id.len == 0 || len >= TOCSIN_TOPIC_MAX)
        return 0;
    memcpy(out, line->category.data, line->category.len);
    out[line->category.len] = '/';
    memcpy(out + line->category.len + 1, source_id.data, source_id.len);
    return len;
}
