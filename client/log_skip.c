#include "client/log_skip.h"

#include "proto/json_read.h"
#include "proto/tocsin_base.h"

/* A stretch of this length is read through. */
#define SPAN_LEN 65536u

struct skip {
    FILE *file;
    uint64_t since_us;
    uint64_t first_seq;
    char **line;
    size_t *size;
};

static ssize_t next(const struct skip *skip)
{
    ssize_t len = getline(skip->line, skip->size, skip->file);
    return len > 0 && (*skip->line)[len - 1] == '\n' ? len : 0;
}

/* Whether the first line that can be read behind `offset`, and begins before `high`, is passed over; *behind is then where
 * it ends. */
static bool is_before(const struct skip *skip, uint64_t offset, uint64_t high, uint64_t *behind)
{
    struct line line;
    ssize_t len = fseeko(skip->file, (off_t)offset, SEEK_SET) == 0 ? next(skip) : 0;
    for (*behind = offset + (uint64_t)len; len > 0 && *behind < high; *behind += (uint64_t)len) {
        len = next(skip);
        if (len == 0 || line_read(span_of(*skip->line, (size_t)len - 1), &line) != TOCSIN_OK)
            continue;
        *behind += (uint64_t)len;
        return line.received_us < skip->since_us || line.seq < skip->first_seq;
    }
    return false;
}

uint64_t log_skip(FILE *file, uint64_t since_us, uint64_t first_seq, char **line, size_t *size)
{
    const struct skip skip = {file, since_us, first_seq, line, size};
    uint64_t low = 0, behind;
    off_t end = fseeko(file, 0, SEEK_END) == 0 ? ftello(file) : 0;
    uint64_t high = end > 0 ? (uint64_t)end : 0;
    while (high > low && high - low > SPAN_LEN) {
        uint64_t middle = low + (high - low) / 2;
        if (is_before(&skip, middle, high, &behind))
            low = behind;
        else
            high = middle;
    }
    clearerr(file);
    if (low > 0 && fseeko(file, (off_t)low, SEEK_SET) == 0)
        return low;
    rewind(file);
    return 0;
}

uint64_t log_skip_count(FILE *file, uint64_t offset)
{
    off_t place = ftello(file);
    uint64_t count = 0;
    rewind(file);
    for (int byte = 0; offset > 0 && (byte = getc_unlocked(file)) != EOF; offset--)
        count += byte == '\n';
    fseeko(file, place, SEEK_SET);
    return count;
}
