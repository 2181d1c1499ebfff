#include "client/verify_signed.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/verify_files.h"

#define ROOM 65536u

int verify_signed_init(struct verify_signed *points, int dir, const struct verify_keys *keys)
{
    struct stat stat;

    *points = (struct verify_signed){.keys = keys};
    points->fd = openat(dir, VERIFY_SIGNED, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (points->fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (fstat(points->fd, &stat) != 0)
        return -errno;
    if (!S_ISREG(stat.st_mode))
        return -EINVAL;
    points->left_len = (uint64_t)stat.st_size;
    points->bytes = malloc(ROOM);
    return points->bytes == NULL ? -ENOMEM : 0;
}

void verify_signed_fini(struct verify_signed *points)
{
    if (points->fd >= 0)
        close(points->fd);
    free(points->bytes);
}

static bool fill(struct verify_signed *points)
{
    size_t unread = points->end - points->start;
    memmove(points->bytes, points->bytes + points->start, unread);
    points->start = 0;
    points->end = unread;
    size_t wanted = ROOM - unread < points->left_len ? ROOM - unread : (size_t)points->left_len;
    ssize_t count;
    do
        count = wanted == 0 ? 0 : read(points->fd, points->bytes + unread, wanted);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        points->error = -errno;
    if (count <= 0)
        return false;
    points->end += (size_t)count;
    points->left_len -= (uint64_t)count;
    return true;
}

/* A line that was cut short says nothing; but one that has all its bytes, and only then no LF, was altered. */
static void judge_piece(struct verify_signed *points)
{
    struct checkpoint whole;
    size_t len = points->end - points->start;
    if (len == 0 || points->error != 0 ||
        !checkpoint_read_line(span_of(points->bytes + points->start, len - 1), &whole))
        return;
    points->line++;
    points->fault = "it does not end as a line does: it was altered";
    points->fault_seq = whole.seq;
}

/* The next line with its LF; what stands behind the last LF is no line. A line that does not fit
 * the buffer is no checkpoint: its first part stands for it. */
static bool next_line(struct verify_signed *points, struct span *line)
{
    if (points->fd < 0)
        return false;
    for (;;) {
        const uint8_t *from = points->bytes + points->start;
        size_t unread = points->end - points->start;
        const uint8_t *lf = unread > 0 ? memchr(from, '\n', unread) : NULL;
        if (lf == NULL && unread < ROOM) {
            if (fill(points))
                continue;
            judge_piece(points);
            return false;
        }
        *line = span_of(from, lf == NULL ? unread : (size_t)(lf - from));
        points->start += line->len + (lf != NULL);
        points->line++;
        return true;
    }
}

static bool is_signature_good(const struct checkpoint *point)
{
    uint8_t bytes[CHECKPOINT_SIGNED_LEN];
    checkpoint_signed_bytes(bytes, point);
    return crypto_sign_verify_detached(point->signature, bytes, sizeof bytes, point->key) == 0;
}

/* Why the checkpoint at hand cannot stand where it stands; NULL: it can. */
static const char *judge(const struct verify_signed *points)
{
    const struct checkpoint *at = &points->at, *before = &points->before;
    bool is_other_log = memcmp(at->log_id, points->log_id, sizeof at->log_id) != 0;
    bool is_same_key = before->seq > 0 && memcmp(at->key, before->key, sizeof at->key) == 0;

    if (is_other_log || (at->seq >= points->checked_from && !is_signature_good(at)))
        return "its signature does not fit: it was altered";
    if (before->seq > 0 && at->seq <= before->seq)
        return "it does not belong behind the one before it";
    if (is_same_key && at->first_seq != before->seq + 1)
        return "a checkpoint before it is missing";
    return NULL;
}

void verify_signed_next(struct verify_signed *points)
{
    struct span line;

    if (points->is_there)
        points->before = points->at;
    points->is_there = false;
    while (points->fault == NULL && points->error == 0 && next_line(points, &line)) {
        if (!checkpoint_read_line(line, &points->at)) {
            points->fault = "it is no checkpoint: it was altered";
            points->fault_seq = points->before.seq + 1;
            return;
        }
        if (memcmp(points->at.log_id, points->log_id, VERIFY_LOG_ID_LEN) != 0 && is_signature_good(&points->at)) {
            points->has_other_log = true;
            continue;
        }
        points->fault = judge(points);
        points->fault_seq = points->at.seq;
        if (points->fault != NULL)
            return;
        points->is_there = true;
        points->is_trusted = verify_keys_have(points->keys, points->at.key);
        if (!points->is_trusted) {
            if (points->other_key_line == 0) {
                points->other_key_line = points->line;
                points->other_key = points->at;
            }
            points->other_key_count++;
        } else {
            points->other_key_line = 0;
        }
        return;
    }
}
