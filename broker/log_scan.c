#include "broker/log_scan.h"

#include <errno.h>
#include <string.h>

#include "broker/log_lines.h"
#include "proto/tocsin_base.h"

#define HEAD_ROOM 8192u /* a first line is below this, mostly */

static const char cut_short[] = "it is cut short";
static const char no_line[] = "it is no line of this log";
static const char bad_hash[] = "its hash fits neither its text nor the line before";

/* Takes the event of a line into `out`. */
static bool read_event(struct event *event, struct text *out, const struct line *line)
{
    text_clear(out);
    return line_read_event(line, out, NULL) == TOCSIN_OK && event_view(text_span(out), event);
}

/* Why `line` cannot be a file's first one; NULL: it can, and *head is filled. */
static const char *judge_head(struct log_head *head, struct span bytes)
{
    struct line line;
    struct event event;
    struct text scratch;

    if (line_read(bytes, &line) != TOCSIN_OK)
        return no_line;
    text_init(&scratch);
    bool is_opened = read_event(&event, &scratch, &line) && log_origin_read(&event, &head->origin);
    text_fini(&scratch);
    if (!is_opened)
        return "it is no LogOpened, which every file of the log begins with";
    head->seq = line.seq;
    head->received_us = line.received_us;
    struct log_place place = log_mark_start(&head->origin);
    chain_next(place.hash, line.hashed);
    return chain_matches(place.hash, line.hash) && line.seq > place.seq ? NULL : bad_hash;
}

int log_scan_head(struct log_head *head, const struct disk *disk, int fd, uint64_t line_max)
{
    struct log_lines lines;
    struct span line;
    int error = 0;

    *head = (struct log_head){.fault = "it is empty"};
    log_lines_init(&lines, disk, fd, 0, line_max);
    lines.first_room = HEAD_ROOM;
    switch (log_lines_next(&lines, &line, &error)) {
    case LOG_LINES_LINE:
        head->fault = judge_head(head, line);
        break;
    case LOG_LINES_PIECE:
        head->fault = cut_short;
        break;
    case LOG_LINES_END:
    case LOG_LINES_FAILED:
        break;
    }
    log_lines_fini(&lines);
    return error;
}

bool log_scan_event(struct event *event, struct text *out, const struct disk *disk, int fd, uint64_t offset,
                    uint64_t line_max)
{
    struct log_lines lines;
    struct span bytes;
    struct line line;
    int error;

    log_lines_init(&lines, disk, fd, offset, line_max);
    lines.first_room = HEAD_ROOM;
    bool is_read = log_lines_next(&lines, &bytes, &error) == LOG_LINES_LINE && line_read(bytes, &line) == TOCSIN_OK &&
                   read_event(event, out, &line);
    log_lines_fini(&lines);
    return is_read;
}

/* Why a line cannot follow what is before it; NULL: it can, and `place` is then behind it. */
static const char *judge_line(struct log_place *place, struct span bytes, struct line *line)
{
    uint8_t hash[CHAIN_HASH_LEN];

    if (line_read(bytes, line) != TOCSIN_OK)
        return no_line;
    memcpy(hash, place->hash, CHAIN_HASH_LEN);
    chain_next(hash, line->hashed);
    if (!chain_matches(hash, line->hash))
        return bad_hash;
    if (line->seq <= place->seq || line->batch > line->seq)
        return "its seq does not follow on the line before";
    memcpy(place->hash, hash, CHAIN_HASH_LEN);
    place->offset += bytes.len + 1;
    place->line++;
    place->seq = line->seq;
    return NULL;
}

static bool is_same(const struct log_place *a, const struct log_place *b)
{
    return a->offset == b->offset && a->line == b->line && a->seq == b->seq &&
           memcmp(a->hash, b->hash, CHAIN_HASH_LEN) == 0;
}

/* Takes note of a good line; `place` is behind it. */
static void take(struct log_scan *scan, const struct line *line, const struct log_place *place, struct text *scratch)
{
    if (scan->good_count++ == 0 || line->batch != scan->batch) {
        /* a batch that does not begin with its first line: the lines from that seq on were written while a sync was under
         * way, with the batch before it */
        bool is_whole = scan->good_count == 1 || line->batch == line->seq;
        scan->batch_offset = is_whole ? scan->mark->end.offset : scan->group_offset;
        scan->group_offset = scan->mark->end.offset;
        scan->batch = line->batch;
    }
    scan->last_offset = scan->mark->end.offset;
    scan->received_us = line->received_us;
    if (line->seq > scan->lasts_seq)
        log_lasts_advance(scan->lasts, line, scratch);
    if (scan->expects != NULL && scan->mark->end.offset < scan->expects->offset &&
        place->offset >= scan->expects->offset)
        scan->is_unexpected = !is_same(place, scan->expects);
    log_mark_move(scan->mark, place);
}

static const char *fault_of_piece(const struct log_lines *lines, struct span piece)
{
    if (piece.data[0] != '{' || memchr(piece.data, '\0', piece.len) != NULL)
        return no_line;
    return lines->is_at_end ? cut_short : "it is longer than any line of this log";
}

int log_scan_run(struct log_scan *scan, const struct log_place *from)
{
    struct log_lines lines;
    struct log_place place = *from;
    struct text scratch;
    struct span bytes;
    struct line line;
    enum log_lines_result result;
    int error = 0;

    scan->mark->end = *from;
    scan->batch_offset = scan->last_offset = from->offset;
    text_init(&scratch);
    log_lines_init(&lines, scan->disk, scan->fd, from->offset, scan->line_max);
    lines.is_strict = true; /* a hole of a gigabyte shall take no memory */
    while ((result = log_lines_next(&lines, &bytes, &error)) == LOG_LINES_LINE) {
        scan->fault = judge_line(&place, bytes, &line);
        if (scan->fault != NULL)
            break;
        take(scan, &line, &place, &scratch);
    }
    if (result == LOG_LINES_PIECE)
        scan->fault = fault_of_piece(&lines, bytes);
    log_lines_fini(&lines);
    text_fini(&scratch);
    return error;
}

int log_scan_lasts(struct log_lasts lasts, uint64_t *seq, const struct disk *disk, int fd, uint64_t offset,
                   uint64_t line_max)
{
    struct log_lines lines;
    struct text scratch;
    struct span bytes;
    struct line line;
    int error = 0;

    text_init(&scratch);
    log_lines_init(&lines, disk, fd, offset, line_max);
    while (log_lines_next(&lines, &bytes, &error) == LOG_LINES_LINE) {
        if (line_read(bytes, &line) != TOCSIN_OK || line.seq <= *seq)
            continue;
        log_lasts_advance(lasts, &line, &scratch);
        *seq = line.seq;
    }
    log_lines_fini(&lines);
    text_fini(&scratch);
    return error;
}
