#include "client/gateway/follow_reader.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/tocsin_base.h"

#define PIECE 65536

void follow_reader_init(struct follow_reader *reader, const struct follow_form *form, size_t line_max)
{
    *reader = (struct follow_reader){.form = *form, .fd = -1, .line_max = line_max};
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

/* Where the first line, or item, of what is held ends. False: not in what was read yet; reader->searched is then where to
 * go on, all of it or an LF behind which it cannot be told yet. */
static bool find_end(struct follow_reader *reader, size_t *end)
{
    const char *data = reader->held.data;
    size_t len = reader->held.len;
    for (; reader->searched < len; reader->searched++) {
        const char *lf = memchr(data + reader->searched, '\n', len - reader->searched);
        reader->searched = lf ? (size_t)(lf - data) : len;
        *end = reader->searched;
        if (!lf)
            return false;
        if (!reader->form.begins)
            return true;
        enum follow_begin begin = reader->form.begins(span_of(lf + 1, len - *end - 1));
        if (begin != FOLLOW_BEGIN_NO)
            return begin == FOLLOW_BEGIN_YES;
    }
    return false;
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

/* Lets go what is held beyond the beginning of a line that is too long, and was searched. */
static void pass_over(struct follow_reader *reader)
{
    char *kept = reader->held.data + reader->line_max;
    size_t let_go = reader->searched - reader->line_max;
    memmove(kept, kept + let_go, reader->held.len - reader->searched);
    reader->passed += let_go;
    reader->held.len -= let_go;
    reader->searched = reader->line_max;
}

/* Whether what is held ends with the file, with an LF, and nothing was written for a while. */
static bool is_at_rest(const struct follow_reader *reader)
{
    struct stat status;
    struct timespec now;
    if (!reader->form.begins || reader->searched + 1 != reader->held.len || fstat(reader->fd, &status) != 0 ||
        (uint64_t)status.st_size != reader->offset + reader->held.len + reader->passed)
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ns = (int64_t)(now.tv_sec - status.st_mtim.tv_sec) * 1000000000 + now.tv_nsec - status.st_mtim.tv_nsec;
    return age_ns >= reader->form.rest_ns || age_ns < -reader->form.rest_ns; /* there, another machine's clock */
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
        size_t end;
        bool is_found = find_end(reader, &end);
        if (!is_found && reader->searched > reader->line_max)
            pass_over(reader);
        int more = is_found ? 0 : read_piece(reader);
        if (more < 0)
            return more;
        if (!is_found && more == 0 && is_at_rest(reader)) {
            end = reader->searched;
            is_found = true;
        }
        if (is_found) {
            fill_line(reader, end + reader->passed, line);
            return TOCSIN_OK;
        }
        if (more == 0)
            return TOCSIN_E_END;
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
