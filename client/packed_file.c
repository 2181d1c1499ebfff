#include "client/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/zst/zst_read.h"

struct packed_file {
    int fd;
    struct zst_table table;
    struct zst_unpacker unpacker;
    struct zst_frame frame;
    size_t next; /* frame */
    size_t at;   /* in the one at hand */
};

static ssize_t read_at(void *arg, void *bytes, size_t len, uint64_t offset)
{
    const struct packed_file *file = arg;
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(file->fd, (uint8_t *)bytes + done, len - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

int packed_file_open(struct packed_file **file, int fd)
{
    struct stat stat;

    *file = calloc(1, sizeof **file);
    if (*file == NULL) {
        close(fd);
        return -ENOMEM;
    }
    (*file)->fd = fd;
    struct zst_source source = {read_at, *file};
    int error = fstat(fd, &stat) < 0 ? -errno : zst_table_read(&(*file)->table, &source, (uint64_t)stat.st_size);
    if (error < 0)
        packed_file_close(file);
    return error;
}

void packed_file_close(struct packed_file **file)
{
    if (*file == NULL)
        return;
    close((*file)->fd);
    zst_table_fini(&(*file)->table);
    zst_unpacker_fini(&(*file)->unpacker);
    zst_frame_fini(&(*file)->frame);
    free(*file);
    *file = NULL;
}

ssize_t packed_file_read(struct packed_file *file, void *bytes, size_t len)
{
    struct zst_source source = {read_at, file};

    if (file->at == file->frame.len) {
        if (file->next == file->table.count)
            return 0;
        int error = zst_frame_read(&file->frame, &file->unpacker, &file->table, &source, file->next);
        if (error < 0)
            return error;
        file->next++;
        file->at = 0;
    }
    size_t count = file->frame.len - file->at < len ? file->frame.len - file->at : len;
    memcpy(bytes, file->frame.bytes + file->at, count);
    file->at += count;
    return (ssize_t)count;
}

uint64_t packed_file_content_len(int dir, const char *name, uint64_t otherwise)
{
    struct packed_file *file;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || packed_file_open(&file, fd) < 0)
        return otherwise;
    uint64_t len = file->table.len;
    packed_file_close(&file);
    return len;
}

static ssize_t stream_read(void *cookie, char *bytes, size_t len)
{
    ssize_t count = packed_file_read(cookie, bytes, len);
    if (count >= 0)
        return count;
    errno = (int)-count;
    return -1;
}

static int stream_close(void *cookie)
{
    struct packed_file *file = cookie;
    packed_file_close(&file);
    return 0;
}

FILE *packed_file_stream(int fd)
{
    static const cookie_io_functions_t functions = {.read = stream_read, .close = stream_close};
    struct packed_file *file;
    int error = packed_file_open(&file, fd);
    FILE *stream = error < 0 ? NULL : fopencookie(file, "r", functions);
    if (stream != NULL)
        return stream;
    if (error == 0) {
        packed_file_close(&file);
        error = -ENOMEM;
    }
    errno = -error;
    return NULL;
}
