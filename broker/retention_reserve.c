#include "broker/retention_reserve.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "broker/log_name.h"

#define DISK_SHARE 64u /* of the disk, at most */
#define PIECE_LEN  (1u << 20)

static bool is_needed(const struct retention_limits *limits)
{
    return limits->age_s != RETENTION_NEVER || limits->bytes != RETENTION_NEVER || limits->free_bytes > 0 ||
           limits->free_percent > 0;
}

/* How long it is to be; 0: it cannot be told. */
static uint64_t read_len(const struct retention_work *work, struct disk_space *space)
{
    if (work->disk->space(work->disk, work->dir, space) < 0)
        return 0;
    uint64_t share = space->total_bytes / DISK_SHARE;
    return share < work->reserve_max ? share : work->reserve_max;
}

/* Noise, since some file systems compress. */
static int fill(const struct retention_work *work, int fd, uint64_t len)
{
    size_t piece_len = len < PIECE_LEN ? (size_t)len : PIECE_LEN;
    uint8_t *piece = malloc(piece_len);
    int error = piece == NULL ? -ENOMEM : 0;
    if (piece != NULL)
        randombytes_buf(piece, piece_len);
    for (uint64_t done = 0; error == 0 && done < len; done += piece_len) {
        size_t count = len - done < piece_len ? (size_t)(len - done) : piece_len;
        error = disk_write_all_at(work->disk, fd, piece, count, done);
        if (error == 0 && work->pack.must_stop(work->pack.arg))
            error = -ECANCELED;
    }
    free(piece);
    return error;
}

void retention_reserve_keep(struct retention_work *work)
{
    const struct disk *disk = work->disk;
    struct disk_stat stat;
    struct disk_space space;

    uint64_t len = work->has_reserve || !is_needed(&work->limits) ? 0 : read_len(work, &space);
    if (len == 0)
        return;
    work->has_reserve = disk->stat_name(disk, work->dir, LOG_NAME_RESERVE, &stat) == 0 && stat.len == len;
    if (work->has_reserve || space.free_bytes < 2 * len)
        return;
    disk->unlink(disk, work->dir, LOG_NAME_RESERVE); /* whatever it is */
    int fd = disk->open(disk, work->dir, LOG_NAME_RESERVE, DISK_REPLACEABLE);
    if (fd < 0)
        return;
    work->has_reserve = fill(work, fd, len) == 0;
    disk->close(disk, fd);
    if (!work->has_reserve)
        disk->unlink(disk, work->dir, LOG_NAME_RESERVE);
}

void retention_reserve_give_up(struct retention_work *work)
{
    work->disk->unlink(work->disk, work->dir, LOG_NAME_RESERVE);
    work->has_reserve = false;
}

void retention_reserve_begin(struct retention_work *work)
{
    struct disk_space space;
    uint64_t len = read_len(work, &space);
    if (!is_needed(&work->limits) || (len > 0 && space.free_bytes < len))
        retention_reserve_give_up(work);
}
