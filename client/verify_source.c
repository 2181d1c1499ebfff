#include "client/verify_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/log_files.h"
#include "client/packed_file.h"

static ssize_t plain_read(struct verify_source *source, void *bytes, size_t len)
{
    ssize_t count;
    do
        count = read(source->fd, bytes, len);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

static void plain_close(struct verify_source *source)
{
    close(source->fd);
    source->fd = -1;
}

static const struct verify_source_ops plain = {plain_read, plain_close};

static ssize_t packed_read(struct verify_source *source, void *bytes, size_t len)
{
    return packed_file_read(source->packed, bytes, len);
}

static void packed_close(struct verify_source *source)
{
    packed_file_close(&source->packed);
}

static const struct verify_source_ops packed = {packed_read, packed_close};

int verify_source_of_fd(struct verify_source *source, int fd)
{
    *source = (struct verify_source){&plain, fd, NULL};
    if (fd < 0)
        return -errno;
    if (lseek(fd, 0, SEEK_SET) != 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return 0;
}

int verify_source_open(struct verify_source *source, int dir, const char *name)
{
    struct stat stat;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))) {
        close(fd);
        return -EINVAL;
    }
    if (fd < 0 || !log_names_is_packed(name))
        return verify_source_of_fd(source, fd);
    *source = (struct verify_source){&packed, -1, NULL};
    return packed_file_open(&source->packed, fd);
}
