/* Reading a spool back: what was put while there was no room for it in memory, or in an earlier life. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "client/spool.h"

#define CHUNK_MIN ((size_t)256 * 1024)

void spool_read_fini(struct spool *spool)
{
    if (spool->read_fd >= 0)
        close(spool->read_fd);
    spool->read_fd = -1;
    text_fini(&spool->read_bytes);
    text_init(&spool->read_bytes);
}

static void place(struct spool *spool, uint64_t segment_n, uint64_t at, uint64_t n)
{
    if (segment_n != spool->read_segment_n && spool->read_fd >= 0) {
        close(spool->read_fd);
        spool->read_fd = -1;
    }
    spool->read_segment_n = segment_n;
    spool->read_at = at;
    spool->read_n = n;
    spool->read_chunk = CHUNK_MIN;
}

void spool_read_from_last(struct spool *spool)
{
    place(spool, spool->segments[spool->segment_count - 1].first_n, spool->last_at, spool->next_n - 1);
}

int spool_read_begin(struct spool *spool, uint64_t n, struct spool_fetch *fetch)
{
    const struct spool_segment *segment = spool_segment_of(spool, n);
    if (segment->first_n != spool->read_segment_n || n < spool->read_n)
        place(spool, segment->first_n, SPOOL_HEAD_LEN, segment->first_n);
    if (spool->read_fd < 0) {
        char name[SPOOL_NAME_MAX];
        spool_name(name, segment->first_n);
        spool->read_fd = openat(spool->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (spool->read_fd < 0)
        return spool_fail(spool, TOCSIN_E_IO, "a file of the spool");
    uint64_t left = segment->len - spool->read_at;
    spool->reads_to_end = left <= spool->read_chunk;
    *fetch = (struct spool_fetch){spool->read_fd, spool->read_at, left <= spool->read_chunk ? left : spool->read_chunk};
    return TOCSIN_OK;
}

int spool_read_run(struct spool *spool, const struct spool_fetch *fetch)
{
    struct text *bytes = &spool->read_bytes;
    text_clear(bytes);
    spool->read_used = 0;
    if (!text_reserve(bytes, fetch->len))
        return TOCSIN_E_NOMEM;
    while (bytes->len < fetch->len) {
        ssize_t got =
            pread(fetch->fd, bytes->data + bytes->len, fetch->len - bytes->len, (off_t)(fetch->at + bytes->len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return spool_fail(spool, TOCSIN_E_IO, "a file of the spool");
        if (got == 0)
            break; /* shorter than it was: what is missing is told by spool_read_next */
        bytes->len += (size_t)got;
    }
    return TOCSIN_OK;
}

int spool_read_next(struct spool *spool, struct spool_record *record)
{
    const struct text *bytes = &spool->read_bytes;
    struct span rest = span_of(bytes->data + spool->read_used, bytes->len - spool->read_used);
    size_t len = spool_record_read(rest, spool->read_n, record);
    if (len > 0) {
        spool->read_used += len;
        spool->read_at += len;
        spool->read_n++;
        spool->read_chunk = CHUNK_MIN;
        return TOCSIN_OK;
    }
    if (rest.len == 0 && bytes->len > 0)
        return TOCSIN_E_END;
    if (spool->reads_to_end) {
        snprintf(spool->fault, sizeof spool->fault,
                 "the spool's file %020" PRIu64 ".spool has changed: event %" PRIu64 " at byte %" PRIu64,
                 spool->read_segment_n, spool->read_n, spool->read_at);
        return TOCSIN_E_CORRUPT;
    }
    if (spool->read_used == 0)
        spool->read_chunk *= 2; /* the event is longer than what was fetched */
    return TOCSIN_E_END;
}
