#include "broker/log_repair.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE_LEN (1u << 20)

/* Copies from one file to another, or within one, a piece at a time, until `to` or the end of the source. */
static int copy(const struct disk *disk, int source, int target, uint64_t from, uint64_t to, uint64_t target_at)
{
    uint8_t *piece = malloc(PIECE_LEN);
    int error = piece == NULL ? -ENOMEM : 0;

    while (error == 0 && from < to) {
        size_t want = to - from < PIECE_LEN ? (size_t)(to - from) : PIECE_LEN;
        ssize_t len = disk_read_all(disk, source, piece, want, from);
        if (len <= 0) {
            error = (int)len;
            break;
        }
        error = disk_write_all_at(disk, target, piece, (size_t)len, target_at);
        from += (uint64_t)len;
        target_at += (uint64_t)len;
    }
    free(piece);
    return error;
}

/* A new file under the first free name, for writing. */
static int create_aside(char name[LOG_NAME_MAX], const struct disk *disk, int dir, const char *kind, uint64_t seq)
{
    int fd = -EEXIST;
    for (unsigned number = 0; fd == -EEXIST && number < LOG_NAME_TRIES; number++) {
        log_name_aside(name, kind, seq, number);
        fd = disk->open(disk, dir, name, DISK_CREATE);
    }
    if (fd < 0)
        return fd;
    disk->close(disk, fd); /* that one would append wherever it is told to write */
    return disk->open(disk, dir, name, DISK_PATCH);
}

int log_repair_set_aside(char name[LOG_NAME_MAX], uint64_t *len, const struct disk *disk, int dir, int fd,
                         uint64_t offset, const char *kind, uint64_t seq)
{
    struct disk_stat stat;
    int error = disk->stat(disk, fd, &stat);
    if (error < 0)
        return error;
    *len = stat.len - offset;
    int target = create_aside(name, disk, dir, kind, seq);
    if (target < 0)
        return target;
    error = copy(disk, fd, target, offset, stat.len, 0);
    if (error == 0)
        error = disk->sync(disk, target);
    disk->close(disk, target);
    if (error == 0)
        error = disk->sync_dir(disk, dir);
    if (error < 0)
        disk->unlink(disk, dir, name);
    return error;
}

int log_repair_rename(char name[LOG_NAME_MAX], const struct disk *disk, int dir, const char *from, const char *kind,
                      uint64_t seq)
{
    int error = -EEXIST;
    for (unsigned number = 0; error == -EEXIST && number < LOG_NAME_TRIES; number++) {
        log_name_aside(name, kind, seq, number);
        error = disk->rename(disk, dir, from, name);
    }
    return error < 0 ? error : disk->sync_dir(disk, dir);
}

int log_repair_rewrite(const struct disk *disk, int dir, const char *name, uint64_t from, uint64_t to)
{
    int fd = disk->open(disk, dir, name, DISK_PATCH);
    if (fd < 0)
        return fd;
    int error = copy(disk, fd, fd, from, to, from);
    if (error == 0)
        error = disk->sync(disk, fd);
    disk->close(disk, fd);
    return error;
}
