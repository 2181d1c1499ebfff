/* A line is read where the cursor points, through one buffer for all cursors. Where the cursor does not know its place,
 * or the line there is not the one that is wanted, the file is found by its first seq and the line within it by
 * halving.
 *
 * At the end of a file the directory tells whether the file has grown, the log goes on in another one, or lines are
 * missing. Since files get other names while we look, lines are only said to be missing when the directory has been
 * looked through again after the file behind the gap was known: whatever was renamed had its name by then. */
#include <errno.h>
#include <stdlib.h>

#include "broker/log_reader_inner.h"

#define LINE_BYTES_MAX (UINT64_C(64) << 20)
#define BULK_ROOM      (256u << 10) /* read at once */
#define BULK_ROOM_MAX  (4u << 20)   /* a larger buffer, which a long line needed, is given back */
#define SEEK_ROOM      (8u << 10)
#define FIRST_ASK      (16u << 10) /* read at once where a line was sought */

static void begin_bulk(struct log_reader *reader)
{
    log_lines_init(&reader->bulk, reader->disk, -1, 0, reader->files.line_max);
    reader->bulk.first_room = BULK_ROOM;
    reader->bulk_seq = 0;
}

struct log_reader *log_reader_new(const struct log_reader_options *options, int *error)
{
    struct log_reader *reader = calloc(1, sizeof *reader);
    *error = -ENOMEM;
    if (reader == NULL)
        return NULL;
    disk_zst_init(&reader->zst, options->disk == NULL ? &disk_real : options->disk);
    reader->disk = &reader->zst.disk;
    *error = reader->dir = reader->disk->open_dir(reader->disk, options->dir);
    if (reader->dir < 0) {
        free(reader);
        return NULL;
    }
    log_files_init(&reader->files, reader->disk, reader->dir, options->log_id,
                   options->line_bytes_max == 0 ? LINE_BYTES_MAX : options->line_bytes_max);
    begin_bulk(reader);
    *error = 0;
    return reader;
}

void log_reader_free(struct log_reader **reader)
{
    if (*reader == NULL)
        return;
    log_lines_fini(&(*reader)->bulk);
    log_files_fini(&(*reader)->files);
    (*reader)->disk->close((*reader)->disk, (*reader)->dir);
    disk_zst_fini(&(*reader)->zst);
    free(*reader);
    *reader = NULL;
}

void log_reader_rest(struct log_reader *reader)
{
    reader->bulk_seq = 0;
    log_files_rest(&reader->files);
}

int log_reader_refresh(struct log_reader *reader)
{
    reader->bulk_seq = 0;
    return log_files_refresh(&reader->files);
}

static int open_file(struct log_reader *reader, struct log_files_entry *entry)
{
    if (entry->fd < 0)
        reader->bulk_seq = 0;
    return log_files_open(&reader->files, entry);
}

/* --- where a line is --- */

static void note_bad_index(struct log_reader *reader, const struct log_files_entry *entry)
{
    reader->bad_indexes++;
    reader->bad_index_seq = entry->first_seq;
}

/* What the index says of the file, if there is one. It is opened for each question: that costs less than what it saves,
 * nothing is held, and that of today's file grows. For a moment after a roll today's file has that of yesterday's. */
static void ask_index(struct log_reader *reader, const struct log_files_entry *entry, enum log_seek_key key,
                      uint64_t wanted, struct log_seek_hint *hint)
{
    struct log_index_form form;
    struct log_index index;

    log_index_form_init(&form, reader->files.log_id, entry->first_seq);
    int error = log_index_open(&index, reader->disk, reader->dir, entry->name, &form);
    if (error == 0) {
        error = log_index_find(&index, key, wanted, hint);
        log_index_close(&index);
    } else if (log_files_is_current(entry)) {
        return;
    }
    if (error == -EBADMSG)
        note_bad_index(reader, entry);
}

int log_reader_seek(struct log_reader *reader, struct log_files_entry *entry, enum log_seek_key key, uint64_t wanted,
                    struct log_seek_place *place)
{
    struct log_seek_hint hint = {0};
    struct log_lines lines;

    int result = open_file(reader, entry);
    if (result < 0)
        return result;
    log_lines_init(&lines, reader->disk, entry->fd, 0, reader->files.line_max);
    lines.first_room = SEEK_ROOM;
    ask_index(reader, entry, key, wanted, &hint);
    result = log_seek(place, &lines, reader->disk, entry->fd, key, wanted, &hint);
    log_lines_fini(&lines);
    if (hint.is_wrong)
        note_bad_index(reader, entry);
    return result;
}

/* Finds where the first line at or after the cursor's seq is, in the file that should hold it. 1; 0 when that file has
 * no such line or there is no such file; -ENOENT when files have changed; another negative errno. */
static int seek(struct log_reader *reader, struct log_cursor *cursor)
{
    struct log_seek_place place;
    struct log_files_entry *entry = log_files_of_seq(&reader->files, cursor->next_seq);
    int result = entry == NULL ? 0 : log_reader_seek(reader, entry, LOG_SEEK_SEQ, cursor->next_seq, &place);
    if (result == 1) {
        cursor->file_seq = entry->first_seq;
        cursor->offset = place.offset;
        reader->was_sought = true;
    }
    return result;
}

/* Makes `bulk` read where the cursor points. False when the cursor does not know, or its file has gone. */
static bool point(struct log_reader *reader, const struct log_cursor *cursor)
{
    struct log_lines *bulk = &reader->bulk;
    if (cursor->file_seq == 0)
        return false;
    if (reader->bulk_seq == cursor->file_seq && bulk->offset == cursor->offset)
        return true;
    struct log_files_entry *entry = log_files_of_seq(&reader->files, cursor->file_seq);
    if (entry == NULL || entry->first_seq != cursor->file_seq || open_file(reader, entry) < 0)
        return false;
    if (bulk->room > BULK_ROOM_MAX) {
        log_lines_fini(bulk);
        begin_bulk(reader);
    }
    log_lines_move(bulk, reader->disk, entry->fd, cursor->offset);
    if (reader->was_sought)
        bulk->ask = FIRST_ASK;
    reader->was_sought = false;
    reader->bulk_seq = entry->first_seq;
    return true;
}

/* --- the next line of one file --- */

enum step {
    STEP_LINE,
    STEP_AHEAD, /* the next line lies behind the cursor's seq; it is not taken */
    STEP_LIMIT, /* … or behind the limit */
    STEP_END,   /* the file has no further line */
    STEP_FAILED
};

static enum step judge(struct log_reader *reader, struct log_cursor *cursor, uint64_t limit_seq,
                       const struct line *line)
{
    if (line->seq > limit_seq || line->seq > cursor->next_seq) {
        reader->bulk_seq = 0; /* it is read again when its turn has come */
        return line->seq > limit_seq ? STEP_LIMIT : STEP_AHEAD;
    }
    cursor->offset = reader->bulk.offset;
    cursor->next_seq = line->seq + 1;
    return STEP_LINE;
}

/* `bulk` points to the cursor's place. */
static enum step read_on(struct log_reader *reader, struct log_cursor *cursor, uint64_t limit_seq, struct line *line)
{
    struct span bytes;

    for (;;) {
        switch (log_lines_next(&reader->bulk, &bytes, &reader->error)) {
        case LOG_LINES_LINE:
            if (line_read(bytes, line) != 0)
                reader->bad_lines++;
            else if (line->seq >= cursor->next_seq)
                return judge(reader, cursor, limit_seq, line);
            cursor->offset = reader->bulk.offset;
            break;
        case LOG_LINES_PIECE:
            if (!log_lines_drop(&reader->bulk))
                return STEP_END;
            break;
        case LOG_LINES_END:
            return STEP_END;
        case LOG_LINES_FAILED:
            reader->bulk_seq = 0;
            return STEP_FAILED;
        }
    }
}

/* --- from file to file --- */

/* What is missing from the cursor's seq on: through *hole_to, where the next file begins behind it. */
static bool find_gap(const struct log_reader *reader, const struct log_cursor *cursor, uint64_t *hole_to)
{
    const struct log_files *files = &reader->files;
    const struct log_files_entry *next = log_files_next(files, log_files_of_seq(files, cursor->next_seq));
    *hole_to = next == NULL ? 0 : next->first_seq - 1;
    return next != NULL;
}

/* The cursor's line was not where it should be. Looks for it after the directory was looked through again. */
static enum log_reader_result search(struct log_reader *reader, struct log_cursor *cursor, uint64_t *hole_to)
{
    uint64_t gap_to = 0, gap_before = 0;

    for (unsigned i = 0; i < LOG_READER_ATTEMPTS; i++) {
        int result = log_reader_refresh(reader);
        if (result == 0)
            result = seek(reader, cursor);
        if (result == 1)
            return LOG_READER_LINE;
        if (result < 0 && result != -ENOENT) {
            reader->error = result;
            return LOG_READER_FAILED;
        }
        bool has_gap = result == 0 && find_gap(reader, cursor, &gap_to);
        if (result == 0 && !has_gap)
            return LOG_READER_END;
        if (has_gap && gap_to == gap_before) {
            *hole_to = gap_to;
            return LOG_READER_HOLE;
        }
        gap_before = has_gap ? gap_to : 0;
    }
    return LOG_READER_END;
}

/* Reads the next line at the cursor's place, as far as that is known. */
static enum step read_there(struct log_reader *reader, struct log_cursor *cursor, uint64_t limit_seq, struct line *line)
{
    bool is_read_ahead = reader->bulk_seq != 0;
    enum step step = point(reader, cursor) ? read_on(reader, cursor, limit_seq, line) : STEP_END;
    if (step != STEP_END)
        return step;
    reader->bulk_seq = 0;
    /* the file may have grown since it was read ahead */
    return is_read_ahead && point(reader, cursor) ? read_on(reader, cursor, limit_seq, line) : STEP_END;
}

enum log_reader_result log_reader_next(struct log_reader *reader, struct log_cursor *cursor, uint64_t limit_seq,
                                       struct line *line, uint64_t *hole_to)
{
    if (cursor->next_seq > limit_seq)
        return LOG_READER_END;
    bool is_sought = cursor->file_seq == 0 && seek(reader, cursor) == 1;
    for (bool is_last = false;; is_last = is_sought = true) {
        enum step step = read_there(reader, cursor, limit_seq, line);
        if (step == STEP_LINE)
            return LOG_READER_LINE;
        if (step == STEP_FAILED)
            return LOG_READER_FAILED;
        if (step == STEP_AHEAD && is_sought) {
            *hole_to = line->seq - 1;
            return LOG_READER_HOLE;
        }
        if (is_last)
            return LOG_READER_END;
        enum log_reader_result result = search(reader, cursor, hole_to);
        if (result != LOG_READER_LINE)
            return result;
    }
}

int log_reader_error(const struct log_reader *reader)
{
    return reader->error;
}

uint64_t log_reader_bad_indexes(const struct log_reader *reader, uint64_t *file_seq)
{
    *file_seq = reader->bad_index_seq;
    return reader->bad_indexes;
}

uint64_t log_reader_bad_lines(const struct log_reader *reader)
{
    return reader->bad_lines;
}
