#include "client/gateway/follow_pick.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/tocsin_base.h"

#define PIECE         65536
#define AT_REST_NS    INT64_C(60000000000)
#define OPEN_MAX_IDLE 64 /* files that are kept open although another one is read */

/* The file's size now, where it is open; it may have no name any more. */
static void refresh(struct follow_file *file)
{
    struct stat status;
    if (file->fd >= 0 && fstat(file->fd, &status) == 0)
        file->size = (uint64_t)status.st_size;
}

/* Looks for an LF in what was not searched yet. */
static bool has_line(struct follow_file *file)
{
    char piece[PIECE];
    if (file->searched < file->mark.offset)
        file->searched = file->mark.offset;
    while (file->searched < file->size) {
        ssize_t len = pread(file->fd, piece, sizeof piece, (off_t)file->searched);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return false;
        if (memchr(piece, '\n', (size_t)len))
            return true;
        file->searched += (uint64_t)len;
    }
    return false;
}

/* Where an item may be several lines: reads it, as whoever reads the file will, but for its length. */
static bool has_item(const struct follow_file *file, const struct follow_form *form)
{
    struct follow_reader reader;
    struct follow_reader_line line;
    follow_reader_init(&reader, form, PIECE);
    follow_reader_begin(&reader, file->fd, file->mark.offset);
    bool is_there = follow_reader_peek(&reader, &line) == TOCSIN_OK;
    follow_reader_fini(&reader);
    return is_there;
}

static bool is_followed(const struct follow_state *state, const struct follow_file *file)
{
    for (size_t i = state->file_count; i > 0; i--) {
        const struct follow_file *other = &state->files[i - 1];
        if (follow_name_compare(&other->order, &file->order) <= 0)
            return false;
        if (other->is_present && other->size > 0)
            return true;
    }
    return false;
}

static bool has_more(struct follow_scan *scan, const struct follow_state *state, const struct follow_form *form,
                     struct follow_file *file, int64_t now_ns, uint64_t *end)
{
    *end = 0;
    refresh(file);
    if (file->size <= file->mark.offset || !follow_scan_open(scan, file))
        return false;
    if (form->begins ? has_item(file, form) : has_line(file))
        return true;
    bool is_at_rest = now_ns - file->modified_ns >= AT_REST_NS && is_followed(state, file);
    *end = is_at_rest ? file->size : 0;
    return is_at_rest;
}

static void keep_few_open(struct follow_state *state)
{
    size_t open = 0;
    for (size_t i = 0; i < state->file_count; i++) {
        struct follow_file *file = &state->files[i];
        if (file->fd < 0 || i == state->current || !file->is_present || ++open <= OPEN_MAX_IDLE)
            continue;
        close(file->fd);
        file->fd = -1;
    }
}

bool follow_pick_next(struct follow_scan *scan, struct follow_state *state, const struct follow_form *form,
                      int64_t now_ns, struct follow_pick *pick)
{
    keep_few_open(state);
    for (size_t i = 0; i < state->file_count; i++) {
        if (i == state->current || !has_more(scan, state, form, &state->files[i], now_ns, &pick->end))
            continue;
        pick->index = i;
        return true;
    }
    return false;
}

uint64_t follow_pick_left(const struct follow_state *state)
{
    uint64_t left = 0;
    for (size_t i = 0; i < state->file_count; i++) {
        const struct follow_file *file = &state->files[i];
        if (i != state->current && file->size > file->mark.offset)
            left += file->size - file->mark.offset;
    }
    return left;
}
