#include "broker/log_seek.h"

/* A stretch of this length is read through. */
#define SPAN_LEN 32768u

/* Lines that are looked at in one place before it counts as damaged. */
#define TRIES 64u

struct seek {
    struct log_lines *lines;
    enum log_seek_key key;
    uint64_t wanted;
};

static bool is_wanted(const struct seek *seek, const struct line *line)
{
    return (seek->key == LOG_SEEK_SEQ ? line->seq : line->received_us) >= seek->wanted;
}

/* The next line that can be read, of the next `tries`. 1, 0 where there is none, or a negative errno. */
static int next_line(const struct seek *seek, struct line *line, uint64_t *offset, uint64_t tries)
{
    struct span bytes;
    int error;

    for (; tries > 0; tries--) {
        *offset = seek->lines->offset;
        switch (log_lines_next(seek->lines, &bytes, &error)) {
        case LOG_LINES_LINE:
            if (line_read(bytes, line) == 0)
                return 1;
            break;
        case LOG_LINES_PIECE:
            if (!log_lines_drop(seek->lines))
                return 0;
            break;
        case LOG_LINES_END:
            return 0;
        case LOG_LINES_FAILED:
            return error;
        }
    }
    return 0;
}

/* Looks at the first whole line behind `middle`. 1 when it comes before what is wanted, and *low is then behind it; 0
 * when it does not, or there is none; a negative errno. */
static int look(const struct seek *seek, const struct disk *disk, int fd, uint64_t middle, uint64_t *low)
{
    struct span piece;
    struct line line = {0};
    uint64_t offset;
    int error;

    log_lines_move(seek->lines, disk, fd, middle);
    enum log_lines_result result = log_lines_next(seek->lines, &piece, &error);
    if (result != LOG_LINES_LINE)
        return result == LOG_LINES_FAILED ? error : 0;
    int found = next_line(seek, &line, &offset, TRIES);
    if (found <= 0)
        return found;
    if (is_wanted(seek, &line))
        return 0;
    *low = seek->lines->offset;
    return 1;
}

int log_seek(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
             enum log_seek_key key, uint64_t wanted)
{
    struct seek seek = {lines, key, wanted};
    struct disk_stat stat;
    struct line line = {0};
    uint64_t low = 0; /* all lines before it come before what is wanted */

    int result = disk->stat(disk, fd, &stat);
    if (result < 0)
        return result;
    for (uint64_t high = stat.len; high > low && high - low > SPAN_LEN;) {
        uint64_t middle = low + (high - low) / 2;
        result = look(&seek, disk, fd, middle, &low);
        if (result < 0)
            return result;
        if (result == 0)
            high = middle;
    }
    log_lines_move(lines, disk, fd, low);
    while ((result = next_line(&seek, &line, &place->offset, UINT64_MAX)) == 1 && !is_wanted(&seek, &line))
        ;
    place->seq = line.seq;
    place->received_us = line.received_us;
    return result;
}
