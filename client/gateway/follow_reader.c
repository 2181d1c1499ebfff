#include "client/gateway/follow_reader.h"

#include <errno.h>
#include <unistd.h>

#include "proto/tocsin_base.h"

#define PIECE 65536

void follow_reader_init(struct follow_reader *reader, size_t line_max)
{
    *reader = (struct follow_reader){.fd = -1, .line_max = line_max};
    text_init(&reader->held);
}

void follow_reader_fini(struct follow_reader *reader)
{
    text_fini(&reader->held);
}

void follow_reader_begin(struct follow_reader *reader, int fd, uint64_t offset)
{
    reader->fd = fd;
    reader->offset = offset;
    reader->searched = 0;
    reader->passed = 0;
    text_clear(&reader->held);
}

/* The first LF of what is held and was not searched yet. */
static const char *find_end(struct follow_reader *reader)
{
    size_t left = reader->held.len - reader->searched;
    const char *end = left > 0 ? memchr(reader->held.data + reader->searched, '\n', left) : NULL;
    if (!end)
        reader->searched = reader->held.len;
    return end;
}

/* Reads on behind what is held and passed. 1: something came, 0: the file ends here, negative: TOCSIN_E_… */
static int read_piece(struct follow_reader *reader)
{
    if (!text_reserve(&reader->held, PIECE))
        return TOCSIN_E_NOMEM;
    off_t at = (off_t)(reader->offset + reader->held.len + reader->passed);
    ssize_t len;
    do
        len = pread(reader->fd, reader->held.data + reader->held.len, PIECE, at);
    while (len < 0 && errno == EINTR);
    if (len < 0)
        return TOCSIN_E_IO;
    reader->held.len += (size_t)len;
    return len > 0;
}

/* Lets go what is held beyond the beginning of a line that is too long. */
static void pass_over(struct follow_reader *reader)
{
    reader->passed += reader->held.len - reader->line_max;
    reader->held.len = reader->line_max;
    reader->searched = reader->line_max;
}

static void fill_line(const struct follow_reader *reader, uint64_t len, struct follow_reader_line *line)
{
    size_t kept = len < reader->line_max ? (size_t)len : reader->line_max;
    line->text = span_of(reader->held.data, kept);
    line->offset = reader->offset;
    line->len = len;
}

int follow_reader_peek(struct follow_reader *reader, struct follow_reader_line *line)
{
    for (;;) {
        const char *end = find_end(reader);
        if (end) {
            fill_line(reader, (uint64_t)(end - reader->held.data) + reader->passed, line);
            return TOCSIN_OK;
        }
        if (reader->held.len > reader->line_max)
            pass_over(reader);
        int more = read_piece(reader);
        if (more <= 0)
            return more < 0 ? more : TOCSIN_E_END;
    }
}

int follow_reader_peek_rest(struct follow_reader *reader, uint64_t end, struct follow_reader_line *line)
{
    int error = follow_reader_peek(reader, line);
    bool is_rest = error == TOCSIN_E_END && reader->offset < end;
    bool is_beyond = !error && line->offset < end && line->offset + line->len > end;
    if (!is_rest && !is_beyond)
        return error;
    fill_line(reader, end - reader->offset, line);
    return TOCSIN_OK;
}

void follow_reader_take(struct follow_reader *reader, const struct follow_reader_line *line)
{
    bool is_within = reader->passed > 0 && line->len < reader->passed + reader->line_max;
    if (is_within) { /* its end was let go: what is behind it is read again */
        follow_reader_begin(reader, reader->fd, reader->offset + line->len);
        return;
    }
    size_t used = (size_t)(line->len - reader->passed);
    if (used < reader->held.len && reader->held.data[used] == '\n')
        used++;
    reader->offset += reader->passed + used;
    reader->held.len -= used;
    if (reader->held.len > 0)
        memmove(reader->held.data, reader->held.data + used, reader->held.len);
    reader->searched = 0;
    reader->passed = 0;
}
