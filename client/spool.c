/* Writing a spool: events come in at its end, are forced to the disk, and go away in front. */
#include "client/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEW_NAME       "new"
#define FIRST_SEGMENTS 16

void spool_name(char name[SPOOL_NAME_MAX], uint64_t first_n)
{
    snprintf(name, SPOOL_NAME_MAX, "%020" PRIu64 ".spool", first_n);
}

int spool_fail(struct spool *spool, int error, const char *what)
{
    bool is_of_disk = error == TOCSIN_E_IO || error == TOCSIN_E_NOSPACE;
    snprintf(spool->fault, sizeof spool->fault, "%s%s%s", what, is_of_disk ? ": " : "",
             is_of_disk ? strerror(errno) : "");
    return error;
}

/* By errno: a full disk is something else than a bad one. */
static int fail_by_errno(struct spool *spool, const char *what)
{
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return spool_fail(spool, is_full ? TOCSIN_E_NOSPACE : TOCSIN_E_IO, what);
}

static int break_down(struct spool *spool, const char *what)
{
    spool->is_broken = true;
    return spool_fail(spool, TOCSIN_E_IO, what);
}

bool spool_add_segment(struct spool *spool, struct spool_segment segment)
{
    if (spool->segment_count == spool->segment_room) {
        size_t room = spool->segment_room ? 2 * spool->segment_room : FIRST_SEGMENTS;
        struct spool_segment *segments = realloc(spool->segments, room * sizeof *segments);
        if (!segments)
            return false;
        spool->segments = segments;
        spool->segment_room = room;
    }
    spool->segments[spool->segment_count++] = segment;
    spool->total_bytes += segment.len;
    return true;
}

static struct spool_segment *last_segment(const struct spool *spool)
{
    return &spool->segments[spool->segment_count - 1];
}

const struct spool_segment *spool_segment_of(const struct spool *spool, uint64_t n)
{
    size_t i = spool->segment_count - 1;
    while (i > 0 && spool->segments[i].first_n > n)
        i--;
    return &spool->segments[i];
}

/* The descriptor of the last segment is not needed any more; one that is being synced is closed after that. */
static void retire(struct spool *spool)
{
    if (spool->fd >= 0 && spool->is_syncing && spool->retired_fd < 0)
        spool->retired_fd = spool->fd;
    else if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

/* Under the name NEW_NAME, on the disk. Returns a descriptor or -1. */
static int make_file(struct spool *spool, uint64_t first_n)
{
    uint8_t bytes[SPOOL_HEAD_LEN];
    spool->head.first_n = first_n;
    spool_head_write(bytes, &spool->head);
    int fd = openat(spool->dir_fd, NEW_NAME, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    ssize_t written = pwrite(fd, bytes, sizeof bytes, 0);
    if (written >= 0 && written < (ssize_t)sizeof bytes)
        errno = ENOSPC;
    if (written == (ssize_t)sizeof bytes && fdatasync(fd) == 0)
        return fd;
    int reason = errno;
    close(fd);
    unlinkat(spool->dir_fd, NEW_NAME, 0);
    errno = reason;
    return -1;
}

int spool_begin_segment(struct spool *spool, uint64_t first_n)
{
    char name[SPOOL_NAME_MAX];
    if (spool->fd >= 0 && fdatasync(spool->fd) != 0)
        return break_down(spool, "the spool's disk");
    spool->synced_n = spool->next_n - 1;
    int fd = make_file(spool, first_n);
    if (fd < 0)
        return fail_by_errno(spool, "the spool's next file");
    spool_name(name, first_n);
    if (!spool_add_segment(spool, (struct spool_segment){first_n, SPOOL_HEAD_LEN})) {
        close(fd);
        return TOCSIN_E_NOMEM;
    }
    retire(spool);
    spool->fd = fd;
    /* behind this it is not known what the directory holds on the disk: nothing may go on from there */
    if (renameat(spool->dir_fd, NEW_NAME, spool->dir_fd, name) != 0 || fsync(spool->dir_fd) != 0)
        return break_down(spool, "the spool's directory");
    return TOCSIN_OK;
}

bool spool_fits(const struct spool *spool, size_t len)
{
    return spool->first_n == spool->next_n || spool->total_bytes + SPOOL_RECORD_HEAD_LEN + len <= spool->limit_bytes;
}

/* Behind a segment that is full, or all of which is settled while there is no room. */
static bool is_next_segment_due(const struct spool *spool, size_t len)
{
    const struct spool_segment *last = last_segment(spool);
    bool is_used = spool->next_n > last->first_n;
    bool is_settled = spool->first_n == spool->next_n;
    return is_used && (last->len >= spool->segment_bytes ||
                       (is_settled && spool->total_bytes + SPOOL_RECORD_HEAD_LEN + len > spool->limit_bytes));
}

/* What a failed write may have left behind is cut off. */
static int undo_write(struct spool *spool, uint64_t len)
{
    int error = fail_by_errno(spool, "the spool's file");
    if (error == TOCSIN_E_IO || ftruncate(spool->fd, (off_t)len) != 0)
        return break_down(spool, "the spool's file");
    return error;
}

int spool_put(struct spool *spool, struct span event)
{
    if (spool->is_broken)
        return TOCSIN_E_IO;
    if (is_next_segment_due(spool, event.len)) {
        int error = spool_begin_segment(spool, spool->next_n);
        if (error)
            return error;
        spool_remove_settled(spool);
    }
    uint8_t head[SPOOL_RECORD_HEAD_LEN];
    spool_record_write(head, &(struct spool_record){spool->next_n, spool->synced_n, event});
    struct spool_segment *last = last_segment(spool);
    struct iovec parts[] = {{head, sizeof head}, {(void *)(uintptr_t)event.data, event.len}};
    size_t len = sizeof head + event.len;
    ssize_t written;
    do
        written = pwritev(spool->fd, parts, 2, (off_t)last->len);
    while (written < 0 && errno == EINTR);
    if (written >= 0 && (size_t)written < len)
        errno = ENOSPC; /* all of it, or there is no room */
    if (written != (ssize_t)len)
        return undo_write(spool, last->len);
    spool->last_at = last->len;
    last->len += len;
    spool->total_bytes += len;
    spool->next_n++;
    return TOCSIN_OK;
}

void spool_remove_settled(struct spool *spool)
{
    size_t gone = 0;
    char name[SPOOL_NAME_MAX];
    for (; gone + 1 < spool->segment_count && spool->segments[gone + 1].first_n <= spool->first_n; gone++) {
        spool_name(name, spool->segments[gone].first_n);
        unlinkat(spool->dir_fd, name, 0); /* one that stays is removed at the next opening */
        spool->total_bytes -= spool->segments[gone].len;
    }
    if (gone == 0)
        return;
    spool->segment_count -= gone;
    memmove(spool->segments, spool->segments + gone, spool->segment_count * sizeof *spool->segments);
}

/* Only spares sending again: the broker knows as well. */
static void note_settled(struct spool *spool)
{
    uint8_t bytes[SPOOL_MARK_LEN];
    if (spool->first_n - 1 <= spool->marked_n)
        return;
    spool_mark_write(bytes, spool->first_n - 1);
    if (pwrite(spool->mark_fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes)
        spool->marked_n = spool->first_n - 1;
}

void spool_settle(struct spool *spool, uint64_t n)
{
    if (n < spool->first_n)
        return;
    spool->first_n = n + 1;
    note_settled(spool);
    spool_remove_settled(spool);
}

int spool_jump(struct spool *spool, uint64_t n)
{
    if (spool->is_broken)
        return TOCSIN_E_IO;
    spool->first_n = n;
    note_settled(spool); /* so that the gap is known for what it is */
    if (fdatasync(spool->mark_fd) != 0)
        return break_down(spool, "the spool's disk");
    int error = spool_begin_segment(spool, n);
    spool->next_n = error ? spool->next_n : n;
    spool->synced_n = spool->next_n - 1;
    spool->first_n = spool->next_n;
    spool_remove_settled(spool);
    return error;
}

bool spool_sync_begin(struct spool *spool, struct spool_sync *sync)
{
    if (spool->is_broken || spool->synced_n + 1 == spool->next_n)
        return false;
    *sync = (struct spool_sync){spool->fd, spool->next_n - 1};
    spool->is_syncing = true;
    return true;
}

int spool_sync_run(const struct spool_sync *sync)
{
    return fdatasync(sync->fd) == 0 ? 0 : errno;
}

int spool_sync_end(struct spool *spool, const struct spool_sync *sync, int result)
{
    spool->is_syncing = false;
    if (spool->retired_fd >= 0)
        close(spool->retired_fd);
    spool->retired_fd = -1;
    errno = result;
    if (result)
        return break_down(spool, "the spool's disk");
    if (sync->n > spool->synced_n)
        spool->synced_n = sync->n;
    return TOCSIN_OK;
}
