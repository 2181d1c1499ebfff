#include "client/gateway/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/complain.h"

#define LOOK_EVERY_US 200000
#define READ_ROOM     65536
#define READS_MAX     64 /* in one look: others have their turn as well */

/* A plain file only: what else may bear the name could block, or never end. */
static bool open_file(struct tail *tail)
{
    struct stat status;
    tail->fd = open(tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_file = tail->fd >= 0 && fstat(tail->fd, &status) == 0 && S_ISREG(status.st_mode);
    if (is_file) {
        tail->device = status.st_dev;
        tail->inode = status.st_ino;
        tail->offset = 0;
        tail->is_told = false;
        return true;
    }
    if (!tail->is_told && (tail->fd >= 0 || errno != ENOENT))
        complain("%s: %s; trying again", tail->path, tail->fd >= 0 ? "no plain file" : strerror(errno));
    tail->is_told = true;
    if (tail->fd >= 0)
        close(tail->fd);
    tail->fd = -1;
    return false;
}

static void give(struct tail *tail, bool is_rest)
{
    struct text *bytes = &tail->bytes;
    if (bytes->len == 0 && !is_rest)
        return;
    size_t taken = tail->take(tail->context, text_span(bytes), is_rest, &tail->is_full);
    if (taken > 0)
        memmove(bytes->data, bytes->data + taken, bytes->len - taken);
    bytes->len -= taken;
}

/* Reads on; false when there was nothing. */
static bool read_more(struct tail *tail)
{
    if (tail->fd < 0 || !text_reserve(&tail->bytes, READ_ROOM))
        return false;
    ssize_t len = pread(tail->fd, tail->bytes.data + tail->bytes.len, READ_ROOM, (off_t)tail->offset);
    if (len <= 0)
        return false;
    tail->offset += (uint64_t)len;
    tail->bytes.len += (size_t)len;
    tail->is_resting = false;
    give(tail, false);
    return true;
}

/* At the end of what is there: is it still the file of that name, and no shorter than it was? Where there is none of
 * that name yet, who had it open may go on writing to it. */
static bool is_same(const struct tail *tail)
{
    struct stat status;
    if (tail->fd < 0)
        return false;
    if (stat(tail->path, &status) < 0)
        return true;
    return status.st_dev == tail->device && status.st_ino == tail->inode && (uint64_t)status.st_size >= tail->offset;
}

void tail_look(struct tail *tail)
{
    tail->is_full = false;
    give(tail, false);
    bool has_more = true;
    for (unsigned i = 0; i < READS_MAX && has_more && !tail->is_full; i++)
        has_more = read_more(tail);
    if (has_more || tail->is_full)
        return;
    bool was_resting = tail->is_resting;
    tail->is_resting = true;
    if (!was_resting)
        return; /* who was about to write, or to rename, may be quick enough */
    give(tail, true);
    if (tail->is_full || is_same(tail))
        return;
    if (tail->fd >= 0)
        close(tail->fd);
    tail->is_resting = !open_file(tail);
}

static void ring(struct loop_timer *timer, int64_t now_us)
{
    (void)now_us;
    struct tail *tail = (struct tail *)((char *)timer - offsetof(struct tail, timer));
    if (!tail->is_full)
        tail_look(tail);
}

void tail_begin(struct tail *tail, struct loop *loop, const char *path, bool from_start,
                size_t (*take)(void *context, struct span bytes, bool is_rest, bool *is_full), void *context)
{
    *tail = (struct tail){.path = path, .fd = -1, .take = take, .context = context};
    struct stat status;
    if (open_file(tail) && !from_start && fstat(tail->fd, &status) == 0)
        tail->offset = (uint64_t)status.st_size;
    tail->timer = (struct loop_timer){.every_us = LOOK_EVERY_US, .ring = ring};
    loop_every(loop, &tail->timer);
}

void tail_close(struct tail *tail)
{
    if (tail->path && tail->fd >= 0)
        close(tail->fd);
    text_fini(&tail->bytes);
    *tail = (struct tail){.fd = -1};
}
