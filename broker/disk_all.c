/* What every disk has: whole reads and writes over what it does in parts. */
#include <errno.h>

#include "broker/disk.h"

ssize_t disk_read_all(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = disk->read_at(disk, fd, (uint8_t *)bytes + done, len - done, offset + done);
        if (count == -EINTR)
            continue;
        if (count < 0)
            return count;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

int disk_append_all(const struct disk *disk, int fd, const void *bytes, size_t len, size_t *done)
{
    *done = 0;
    while (*done < len) {
        ssize_t count = disk->append(disk, fd, (const uint8_t *)bytes + *done, len - *done);
        if (count == -EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? (int)count : -EIO;
        *done += (size_t)count;
    }
    return 0;
}

int disk_write_all_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = disk->write_at(disk, fd, (const uint8_t *)bytes + done, len - done, offset + done);
        if (count == -EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? (int)count : -EIO;
        done += (size_t)count;
    }
    return 0;
}

bool disk_is_full(int error)
{
    return error == -ENOSPC || error == -EDQUOT || error == -EFBIG;
}
