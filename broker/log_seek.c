#include "broker/log_seek.h"

/* A stretch of this length is read through. */
#define SPAN_LEN 32768u

/* Lines that are looked at in one place before it counts as damaged. */
#define TRIES 64u

struct seek {
    struct log_lines *lines;
    const struct disk *disk;
    int fd;
    enum log_seek_key key;
    uint64_t wanted;
};

static bool is_wanted(const struct seek *seek, const struct log_seek_place *place)
{
    return (seek->key == LOG_SEEK_SEQ ? place->seq : place->received_us) >= seek->wanted;
}

/* The next line that can be read, of the next `tries`. 1, 0 where there is none, or a negative errno. */
static int next_line(struct log_lines *lines, struct log_seek_place *place, uint64_t tries)
{
    struct span bytes;
    struct line line;
    int error;

    for (; tries > 0; tries--) {
        place->offset = lines->offset;
        switch (log_lines_next(lines, &bytes, &error)) {
        case LOG_LINES_LINE:
            if (line_read(bytes, &line) == 0) {
                place->seq = line.seq;
                place->received_us = line.received_us;
                return 1;
            }
            break;
        case LOG_LINES_PIECE:
            if (!log_lines_drop(lines))
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

int log_seek_line(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
                  uint64_t offset)
{
    struct span piece;
    int error;

    log_lines_move(lines, disk, fd, offset - 1);
    enum log_lines_result result = log_lines_next(lines, &piece, &error);
    if (result != LOG_LINES_LINE)
        return result == LOG_LINES_FAILED ? error : 0;
    return next_line(lines, place, TRIES);
}

/* Looks at the first whole line at or behind `offset`. 1 when it comes before what is wanted, and *low is then behind
 * it; 0 when it does not, or there is none; a negative errno. */
static int look(const struct seek *seek, uint64_t offset, struct log_seek_place *place, uint64_t *low)
{
    int found = log_seek_line(place, seek->lines, seek->disk, seek->fd, offset);
    if (found <= 0 || is_wanted(seek, place))
        return found < 0 ? found : 0;
    *low = seek->lines->offset;
    return 1;
}

/* Halves what lies between *low, before which all lines come before what is wanted, and `high`. 0 or a negative errno. */
static int halve(const struct seek *seek, uint64_t *low, uint64_t high)
{
    struct log_seek_place place = {0};
    while (high > *low && high - *low > SPAN_LEN) {
        uint64_t middle = *low + (high - *low) / 2;
        int result = look(seek, middle, &place, low);
        if (result < 0)
            return result;
        if (result == 0)
            high = middle;
    }
    return 0;
}

/* Reads on from `low` to the first line that is wanted, or to a line at or behind `until`. 1 when that line is wanted;
 * 0 when it is not, or there is none; a negative errno. */
static int read_on(const struct seek *seek, struct log_seek_place *place, uint64_t low, uint64_t until)
{
    int result;
    log_lines_move(seek->lines, seek->disk, seek->fd, low);
    while ((result = next_line(seek->lines, place, UINT64_MAX)) == 1 && !is_wanted(seek, place))
        if (place->offset >= until)
            return 0;
    return result;
}

/* What the hint's first line says when one looks. Moves *low and *high. 0 or a negative errno. */
static int weigh(const struct seek *seek, struct log_seek_hint *hint, uint64_t *low, uint64_t *high)
{
    const struct log_seek_place *said = &hint->before;
    struct log_seek_place place = {0};
    if (said->offset == 0)
        return 0;
    int result = said->offset < *high ? look(seek, said->offset, &place, low) : 0;
    if (result == 0 && said->offset < *high)
        *high = said->offset;
    if (result < 0)
        return result;
    hint->is_wrong =
        result == 0 || place.offset != said->offset || place.seq != said->seq || place.received_us != said->received_us;
    return 0;
}

int log_seek(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
             enum log_seek_key key, uint64_t wanted, struct log_seek_hint *hint)
{
    struct seek seek = {lines, disk, fd, key, wanted};
    struct disk_stat stat;
    uint64_t low = 0; /* all lines before it come before what is wanted */

    *place = (struct log_seek_place){0};
    int result = disk->stat(disk, fd, &stat);
    uint64_t high = result < 0 ? 0 : stat.len;
    if (result == 0)
        result = weigh(&seek, hint, &low, &high);
    if (result == 0 && !hint->is_wrong && hint->behind_offset > low && hint->behind_offset < high) {
        result = halve(&seek, &low, hint->behind_offset);
        result = result < 0 ? result : read_on(&seek, place, low, hint->behind_offset);
        if (result != 0)
            return result;
        hint->is_wrong = true; /* the line there comes before what is wanted */
    }
    if (result == 0)
        result = halve(&seek, &low, high);
    return result < 0 ? result : read_on(&seek, place, low, UINT64_MAX);
}
