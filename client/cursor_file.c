#include "client/cursor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define HEAD     "tocsin-cursor 1 "
#define TEXT_MAX 128

/* PATH with `ending` behind it; NULL when out of memory. */
static char *path_with(const char *path, const char *ending)
{
    size_t size = strlen(path) + strlen(ending) + 1;
    char *made = malloc(size);
    if (made)
        snprintf(made, size, "%s%s", path, ending);
    return made;
}

static int lock(struct cursor_file *file)
{
    char *path = path_with(file->path, ".lock");
    if (!path)
        return TOCSIN_E_NOMEM;
    file->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    free(path);
    if (file->lock_fd < 0)
        return TOCSIN_E_IO;
    if (flock(file->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return TOCSIN_OK;
    return errno == EWOULDBLOCK ? TOCSIN_E_LOCKED : TOCSIN_E_IO;
}

int cursor_file_open(struct cursor_file *file, const char *path)
{
    *file = (struct cursor_file){strdup(path), path_with(path, ".new"), -1};
    return file->path && file->path_new ? lock(file) : TOCSIN_E_NOMEM;
}

void cursor_file_close(struct cursor_file *file)
{
    free(file->path);
    free(file->path_new);
    if (file->path && file->lock_fd >= 0)
        close(file->lock_fd);
    *file = (struct cursor_file){.lock_fd = -1};
}

/* Digits to the end. */
static bool read_seq(const uint8_t *at, const uint8_t *end, uint64_t *seq)
{
    *seq = 0;
    if (at == end)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(*seq, UINT64_C(10), seq) ||
            __builtin_add_overflow(*seq, (uint64_t)(*at - '0'), seq))
            return false;
    }
    return *seq < UINT64_MAX;
}

int cursor_read(struct span text, struct cursor *cursor)
{
    size_t head_len = strlen(HEAD), id_end = head_len + STREAM_LOG_ID_LEN;
    if (text.len < id_end + 3 || memcmp(text.data, HEAD, head_len) != 0 || text.data[id_end] != ' ' ||
        text.data[text.len - 1] != '\n')
        return TOCSIN_E_SYNTAX;
    memcpy(cursor->log_id, text.data + head_len, STREAM_LOG_ID_LEN);
    cursor->log_id[STREAM_LOG_ID_LEN] = '\0';
    if (strspn(cursor->log_id, "0123456789abcdef") != STREAM_LOG_ID_LEN)
        return TOCSIN_E_SYNTAX;
    bool is_read = read_seq(text.data + id_end + 1, text.data + text.len - 1, &cursor->seq);
    return is_read ? TOCSIN_OK : TOCSIN_E_SYNTAX;
}

int cursor_file_read(const struct cursor_file *file, struct cursor *cursor)
{
    char text[TEXT_MAX];
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? TOCSIN_E_END : TOCSIN_E_IO;
    ssize_t len = read(fd, text, sizeof text);
    int reason = errno;
    close(fd);
    errno = reason;
    return len < 0 ? TOCSIN_E_IO : cursor_read(span_of(text, (size_t)len), cursor);
}

/* Makes the rename last. */
static int sync_folder(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        return -1;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0)
        return -1;
    int failed = fsync(fd);
    close(fd);
    return failed;
}

int cursor_file_write(const struct cursor_file *file, const struct cursor *cursor)
{
    char text[TEXT_MAX];
    int len = snprintf(text, sizeof text, HEAD "%s %" PRIu64 "\n", cursor->log_id, cursor->seq);
    int fd = open(file->path_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return TOCSIN_E_IO;
    bool is_written = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) != 0 || !is_written) {
        errno = reason;
        return TOCSIN_E_IO;
    }
    bool is_there = rename(file->path_new, file->path) == 0 && sync_folder(file->path) == 0;
    return is_there ? TOCSIN_OK : TOCSIN_E_IO;
}
