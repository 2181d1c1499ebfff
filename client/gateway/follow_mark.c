#include "client/gateway/follow_mark.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Hashes `len` bytes at `at`; false when they are not all there. */
static bool hash_part(uint8_t *hash, int fd, uint64_t at, size_t len)
{
    uint8_t bytes[FOLLOW_MARK_BYTES];
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(fd, bytes + done, len - done, (off_t)(at + done));
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return crypto_generichash(hash, FOLLOW_MARK_HASH, bytes, len, NULL, 0) == 0;
}

static size_t part_len(uint64_t offset)
{
    return offset < FOLLOW_MARK_BYTES ? (size_t)offset : FOLLOW_MARK_BYTES;
}

bool follow_mark_make(struct follow_mark *mark, int fd, uint64_t offset)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    size_t len = part_len(offset);
    mark->offset = offset;
    mark->head_len = (uint32_t)part_len((uint64_t)status.st_size);
    return hash_part(mark->head, fd, 0, mark->head_len) && hash_part(mark->tail, fd, offset - len, len);
}

/* Whether `len` bytes at `at` have a hash. */
static bool has_part(const uint8_t *expected, int fd, uint64_t at, size_t len)
{
    uint8_t hash[FOLLOW_MARK_HASH];
    return hash_part(hash, fd, at, len) && memcmp(hash, expected, sizeof hash) == 0;
}

enum follow_mark_match follow_mark_compare(const struct follow_mark *mark, int fd, uint64_t size)
{
    size_t len = part_len(mark->offset);
    if (mark->head_len == 0 || size < mark->head_len || !has_part(mark->head, fd, 0, mark->head_len))
        return FOLLOW_MARK_OTHER;
    if (size < mark->offset)
        return FOLLOW_MARK_PREFIX;
    return has_part(mark->tail, fd, mark->offset - len, len) ? FOLLOW_MARK_SAME : FOLLOW_MARK_OTHER;
}

bool follow_mark_holds(const struct follow_mark *mark, int fd)
{
    struct stat status;
    return mark->head_len == 0 ||
           (fstat(fd, &status) == 0 && follow_mark_compare(mark, fd, (uint64_t)status.st_size) == FOLLOW_MARK_SAME);
}

void follow_mark_extend(struct follow_mark *mark, int fd)
{
    struct follow_mark longer;
    if (mark->head_len < FOLLOW_MARK_BYTES && follow_mark_make(&longer, fd, mark->offset) &&
        longer.head_len > mark->head_len && follow_mark_holds(mark, fd))
        *mark = longer;
}
