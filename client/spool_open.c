/* Opening a spool: the lock, the mark, the segments in order, and the end that a crash may have left unfinished.
 *
 * Each segment must be the producer's, sound to its end, and go on where the one before it ends. Only the last one may
 * end in what is no sound record, and only if nothing behind that says that it was on the disk already: that is cut off
 * and set aside. Everything else is corruption, and nothing is touched. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/spool.h"

#define SEGMENT_MIN   ((uint64_t)4096)
#define SEGMENT_MAX   ((uint64_t)16 * 1024 * 1024)
#define SEGMENTS      8
#define NUMBER_DIGITS 20

/* So that the directory is there after a power cut. */
static bool sync_parent(int dir_fd)
{
    int fd = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    return is_synced;
}

static int open_dir(struct spool *spool, const char *dir)
{
    bool is_new = mkdir(dir, 0700) == 0;
    if (!is_new && errno != EEXIST)
        return spool_fail(spool, TOCSIN_E_IO, dir);
    spool->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->dir_fd < 0 || (is_new && !sync_parent(spool->dir_fd)))
        return spool_fail(spool, TOCSIN_E_IO, dir);
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    spool->lock_fd = openat(spool->dir_fd, "lock", flags, 0600);
    if (spool->lock_fd < 0)
        return spool_fail(spool, TOCSIN_E_IO, "the spool's lock");
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? spool_fail(spool, TOCSIN_E_LOCKED, "another process has the spool")
                                    : spool_fail(spool, TOCSIN_E_IO, "the spool's lock");
    spool->mark_fd = openat(spool->dir_fd, "settled", flags, 0600);
    return spool->mark_fd < 0 ? spool_fail(spool, TOCSIN_E_IO, "the spool's mark") : TOCSIN_OK;
}

/* One that cannot be read is as none: what is settled already is sent again then, and known to the broker. */
static void read_mark(struct spool *spool)
{
    uint8_t bytes[SPOOL_MARK_LEN + 1];
    ssize_t len = pread(spool->mark_fd, bytes, sizeof bytes, 0);
    uint64_t settled_n;
    if (len > 0 && spool_mark_read(span_of(bytes, (size_t)len), &settled_n) && settled_n < INT64_MAX)
        spool->marked_n = settled_n;
}

/* The number in a segment's name, 0: it is none. */
static uint64_t number_of(const char *name)
{
    char again[SPOOL_NAME_MAX];
    uint64_t n = 0;
    for (size_t i = 0; i < NUMBER_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9' || n > INT64_MAX / 10)
            return 0;
        n = 10 * n + (uint64_t)(name[i] - '0');
    }
    spool_name(again, n);
    return strcmp(name, again) == 0 ? n : 0;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = ((const struct spool_segment *)left)->first_n;
    uint64_t b = ((const struct spool_segment *)right)->first_n;
    return a < b ? -1 : a > b;
}

static int list_segments(struct spool *spool)
{
    int fd = openat(spool->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        int error = spool_fail(spool, TOCSIN_E_IO, "the spool's directory");
        if (fd >= 0)
            close(fd);
        return error;
    }
    int error = TOCSIN_OK;
    struct dirent *entry;
    while (!error && (entry = readdir(dir))) {
        uint64_t first_n = number_of(entry->d_name);
        if (first_n > 0 && !spool_add_segment(spool, (struct spool_segment){first_n, 0}))
            error = TOCSIN_E_NOMEM;
    }
    closedir(dir);
    if (spool->segment_count > 0)
        qsort(spool->segments, spool->segment_count, sizeof *spool->segments, by_number);
    return error;
}

/* Reads a segment as a whole and keeps its descriptor. */
static int load(struct spool *spool, struct spool_segment *segment, struct text *bytes)
{
    char name[SPOOL_NAME_MAX];
    struct stat status;
    spool_name(name, segment->first_n);
    spool->fd = openat(spool->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (spool->fd < 0 || fstat(spool->fd, &status) != 0)
        return spool_fail(spool, TOCSIN_E_IO, name);
    segment->len = (uint64_t)status.st_size;
    text_clear(bytes);
    if (segment->len > UINT32_MAX || !text_reserve(bytes, segment->len))
        return TOCSIN_E_NOMEM;
    while (bytes->len < segment->len) {
        ssize_t got = pread(spool->fd, bytes->data + bytes->len, segment->len - bytes->len, (off_t)bytes->len);
        if (got < 0 && errno != EINTR)
            return spool_fail(spool, TOCSIN_E_IO, name);
        if (got == 0)
            segment->len = bytes->len;
        bytes->len += got > 0 ? (size_t)got : 0;
    }
    return TOCSIN_OK;
}

static int say_corrupt(struct spool *spool, const struct spool_segment *segment, size_t at)
{
    snprintf(spool->fault, sizeof spool->fault,
             "the spool's file %020" PRIu64 ".spool is damaged at byte %zu, where event %" PRIu64 " should begin",
             segment->first_n, at, spool->next_n);
    return TOCSIN_E_CORRUPT;
}

/* Keeps what is cut off under a name of its own. */
static int set_aside(struct spool *spool, struct spool_segment *segment, struct span tail)
{
    char name[SPOOL_NAME_MAX];
    snprintf(name, sizeof name, "%020" PRIu64 ".torn", spool->next_n);
    int fd = openat(spool->dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_kept = fd >= 0 && write(fd, tail.data, tail.len) == (ssize_t)tail.len && fdatasync(fd) == 0;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    if (!is_kept || ftruncate(spool->fd, (off_t)(segment->len - tail.len)) != 0)
        return spool_fail(spool, TOCSIN_E_IO, name);
    segment->len -= tail.len;
    snprintf(spool->fault, sizeof spool->fault,
             "a crash left the end of the spool unfinished: %zu bytes behind event %" PRIu64 " are set aside in %s",
             tail.len, spool->next_n - 1, name);
    return TOCSIN_OK;
}

/* Follows the records of a segment from next_n on. */
static int follow(struct spool *spool, struct spool_segment *segment, struct span bytes, bool is_last)
{
    struct spool_record record;
    size_t at = SPOOL_HEAD_LEN, len;
    while ((len = spool_record_read(span_of(bytes.data + at, bytes.len - at), spool->next_n, &record)) > 0) {
        at += len;
        spool->next_n++;
    }
    if (at == bytes.len)
        return TOCSIN_OK;
    struct span tail = span_of(bytes.data + at, bytes.len - at);
    bool was_synced = !is_last || spool_record_search(tail, spool->next_n) >= spool->next_n;
    return was_synced ? say_corrupt(spool, segment, at) : set_aside(spool, segment, tail);
}

static int check_segment(struct spool *spool, size_t i, struct text *bytes)
{
    struct spool_segment *segment = &spool->segments[i];
    struct spool_head head;
    if (spool->fd >= 0)
        close(spool->fd);
    int error = load(spool, segment, bytes);
    if (error)
        return error;
    if (!spool_head_read(text_span(bytes), &head) || head.first_n != segment->first_n)
        return say_corrupt(spool, segment, 0);
    if (strcmp(head.producer, spool->head.producer) != 0) {
        snprintf(spool->fault, sizeof spool->fault, "the spool is that of producer %.64s", head.producer);
        return TOCSIN_E_OTHER_PRODUCER;
    }
    if (spool->next_n > 0 && segment->first_n != spool->next_n) {
        snprintf(spool->fault, sizeof spool->fault, "events %" PRIu64 " to %" PRIu64 " are missing in the spool",
                 spool->next_n, segment->first_n - 1);
        return TOCSIN_E_CORRUPT;
    }
    spool->next_n = segment->first_n;
    spool->total_bytes += segment->len;
    return follow(spool, segment, text_span(bytes), i + 1 == spool->segment_count);
}

/* What is in the files, and what the mark says of it. Segments that are settled as a whole are not looked at. */
static int recover(struct spool *spool)
{
    struct text bytes;
    size_t i = 0;
    int error = TOCSIN_OK;
    text_init(&bytes);
    while (i + 1 < spool->segment_count && spool->segments[i + 1].first_n <= spool->marked_n + 1)
        i++;
    uint64_t oldest_n = spool->segments[i].first_n;
    for (; i < spool->segment_count && !error; i++)
        error = check_segment(spool, i, &bytes);
    text_fini(&bytes);
    if (error)
        return error;
    /* a kill leaves what was written but not yet on the disk: nothing of that may be sent before it is */
    if (fdatasync(spool->fd) != 0 || fsync(spool->dir_fd) != 0)
        return spool_fail(spool, TOCSIN_E_IO, "the spool's disk");
    spool->synced_n = spool->next_n - 1;
    if (spool->marked_n >= spool->next_n)
        return spool_jump(spool, spool->marked_n + 1);
    spool->first_n = spool->marked_n + 1 > oldest_n ? spool->marked_n + 1 : oldest_n;
    spool_remove_settled(spool);
    return TOCSIN_OK;
}

static int open_all(struct spool *spool, const char *dir, uint64_t fresh_n)
{
    int error = open_dir(spool, dir);
    if (error)
        return error;
    read_mark(spool);
    error = list_segments(spool);
    if (error)
        return error;
    if (spool->segment_count > 0)
        return recover(spool);
    spool->first_n = spool->next_n = fresh_n > spool->marked_n ? fresh_n : spool->marked_n + 1;
    return spool_begin_segment(spool, spool->next_n);
}

int spool_open(struct spool *spool, const char *dir, const char *producer, uint64_t limit_bytes, uint64_t fresh_n)
{
    *spool = (struct spool){.dir_fd = -1, .lock_fd = -1, .mark_fd = -1, .fd = -1, .retired_fd = -1, .read_fd = -1};
    text_init(&spool->read_bytes);
    snprintf(spool->head.producer, sizeof spool->head.producer, "%s", producer);
    spool->limit_bytes = limit_bytes;
    spool->segment_bytes = limit_bytes / SEGMENTS;
    if (spool->segment_bytes < SEGMENT_MIN)
        spool->segment_bytes = SEGMENT_MIN;
    if (spool->segment_bytes > SEGMENT_MAX)
        spool->segment_bytes = SEGMENT_MAX;
    int error = open_all(spool, dir, fresh_n);
    if (error)
        spool->is_broken = true; /* nothing that is there is touched */
    return error;
}

int spool_close(struct spool *spool)
{
    struct spool_sync sync;
    int error = TOCSIN_OK;
    spool_read_fini(spool);
    if (spool_sync_begin(spool, &sync))
        error = spool_sync_end(spool, &sync, spool_sync_run(&sync));
    /* nothing of what is settled stays */
    bool is_settled = spool->segment_count > 0 && spool->first_n == spool->next_n && !spool->is_broken;
    if (is_settled && spool->segments[spool->segment_count - 1].len > SPOOL_HEAD_LEN &&
        spool_begin_segment(spool, spool->next_n) == 0)
        spool_remove_settled(spool);
    int fds[] = {spool->fd, spool->mark_fd, spool->lock_fd, spool->dir_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(spool->segments);
    *spool = (struct spool){.dir_fd = -1, .lock_fd = -1, .mark_fd = -1, .fd = -1, .retired_fd = -1, .read_fd = -1};
    return error;
}
