#include "client/kept_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "client/write_all.h"
#include "proto/tocsin_base.h"

#define PIECE 4096

/* PATH with `ending` behind it; NULL when out of memory. */
static char *path_with(const char *path, const char *ending)
{
    size_t size = strlen(path) + strlen(ending) + 1;
    char *made = malloc(size);
    if (made)
        snprintf(made, size, "%s%s", path, ending);
    return made;
}

static int lock(struct kept_file *file)
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

int kept_file_open(struct kept_file *file, const char *path)
{
    *file = (struct kept_file){strdup(path), path_with(path, ".new"), -1};
    return file->path && file->path_new ? lock(file) : TOCSIN_E_NOMEM;
}

void kept_file_close(struct kept_file *file)
{
    free(file->path);
    free(file->path_new);
    if (file->path && file->lock_fd >= 0)
        close(file->lock_fd);
    *file = (struct kept_file){.lock_fd = -1};
}

int kept_file_read(const struct kept_file *file, size_t max, struct text *out)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? TOCSIN_E_END : TOCSIN_E_IO;
    size_t start = out->len;
    ssize_t len = 1;
    while (len > 0 && out->len - start <= max && text_reserve(out, PIECE)) {
        len = read(fd, out->data + out->len, PIECE);
        out->len += len > 0 ? (size_t)len : 0;
    }
    int reason = errno;
    close(fd);
    errno = reason;
    if (len < 0)
        return TOCSIN_E_IO;
    if (out->failed)
        return TOCSIN_E_NOMEM;
    return out->len - start > max ? TOCSIN_E_FULL : TOCSIN_OK;
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

int kept_file_write(const struct kept_file *file, struct span content)
{
    int fd = open(file->path_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return TOCSIN_E_IO;
    bool is_written = write_all(fd, content) && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) != 0 || !is_written) {
        errno = reason;
        return TOCSIN_E_IO;
    }
    bool is_there = rename(file->path_new, file->path) == 0 && sync_folder(file->path) == 0;
    return is_there ? TOCSIN_OK : TOCSIN_E_IO;
}
