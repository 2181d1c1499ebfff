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
        file->at = 0; /* also when it fails: the frame is empty then */
        int error = zst_frame_read(&file->frame, &file->unpacker, &file->table, &source, file->next);
        if (error < 0)
            return error;
        file->next++;
    }
    size_t count = file->frame.len - file->at < len ? file->frame.len - file->at : len;
    memcpy(bytes, file->frame.bytes + file->at, count);
    file->at += count;
    return (ssize_t)count;
}

/* Where the next byte that is read stands. */
static uint64_t place_of(const struct packed_file *file)
{
    return file->frame.len == 0 ? file->table.entries[file->next].content_at : file->frame.content_at + file->at;
}

int packed_file_seek(struct packed_file *file, uint64_t offset)
{
    struct zst_source source = {read_at, file};

    if (offset >= file->table.len) {
        file->next = file->table.count;
        file->frame.len = file->at = 0;
        return 0;
    }
    size_t index = zst_table_find(&file->table, offset);
    file->next = index;
    file->at = 0;
    if (file->frame.len == 0 || file->frame.content_at != file->table.entries[index].content_at) {
        int error = zst_frame_read(&file->frame, &file->unpacker, &file->table, &source, index);
        if (error < 0)
            return error;
    }
    file->next = index + 1;
    file->at = (size_t)(offset - file->frame.content_at);
    return 0;
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

static int stream_seek(void *cookie, off64_t *offset, int whence)
{
    struct packed_file *file = cookie;
    uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? place_of(file) : file->table.len;
    off64_t wanted = (off64_t)from + *offset;
    int error = wanted < 0 ? -EINVAL : packed_file_seek(file, (uint64_t)wanted);
    if (error == 0) {
        *offset = wanted;
        return 0;
    }
    errno = -error;
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
    static const cookie_io_functions_t functions = {.read = stream_read, .seek = stream_seek, .close = stream_close};
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
