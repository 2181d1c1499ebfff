/* Where events.log.sig ends. */
#include <sys/stat.h>

#include "broker/checkpoints.h"

#define LOOK_LEN (4 * CHECKPOINT_LINE_MAX)

int checkpoints_read_last(struct checkpoint *last, uint64_t *end, const struct disk *disk, int fd, uint64_t len)
{
    uint8_t bytes[LOOK_LEN];
    uint64_t from = len > sizeof bytes ? len - sizeof bytes : 0;

    *end = len;
    ssize_t count = disk_read_all(disk, fd, bytes, (size_t)(len - from), from);
    if (count < 0)
        return (int)count;
    const uint8_t *lf = memrchr(bytes, '\n', (size_t)count);
    if (lf == NULL) {
        *end = from == 0 ? 0 : len; /* a piece that long is no line of ours cut short: it stays as it is */
        return 0;
    }
    *end = from + (uint64_t)(lf - bytes) + 1;
    const uint8_t *before = memrchr(bytes, '\n', (size_t)(lf - bytes));
    const uint8_t *start = before == NULL ? bytes : before + 1;
    return checkpoint_read_line(span_of(start, (size_t)(lf - start)), last) ? 1 : 0;
}

uint64_t checkpoints_last_seq(const struct disk *disk, int dir, const char *log_id)
{
    struct checkpoint last;
    struct disk_stat stat;
    uint64_t end;

    int fd = disk->open(disk, dir, CHECKPOINTS_NAME, DISK_READ);
    if (fd < 0)
        return 0;
    bool is_found = disk->stat(disk, fd, &stat) == 0 && S_ISREG(stat.mode) &&
                    checkpoints_read_last(&last, &end, disk, fd, stat.len) == 1;
    disk->close(disk, fd);
    return is_found && memcmp(last.log_id, log_id, sizeof last.log_id) == 0 ? last.seq : 0;
}
