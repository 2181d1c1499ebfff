#include "client/logger/file_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "client/logger/compress.h"
#include "proto/tocsin_base.h"

#define LOCK_SUFFIX ".lock"

static int open_dir(struct file_dir *dir)
{
    char *slash = strrchr(dir->path, '/');
    dir->base = slash ? slash + 1 : dir->path;
    if (*dir->base == '\0') {
        errno = EISDIR;
        return TOCSIN_E_IO;
    }
    char saved = *dir->base;
    if (slash)
        *(slash + 1) = '\0';
    dir->fd = open(slash ? dir->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (slash)
        *(slash + 1) = saved;
    return dir->fd < 0 ? TOCSIN_E_IO : TOCSIN_OK;
}

int file_dir_init(struct file_dir *dir, const char *path)
{
    *dir = (struct file_dir){.path = strdup(path), .fd = -1, .lock_fd = -1};
    dir->name = dir->path ? malloc(strlen(path) + FILE_NAMES_SUFFIX_MAX) : NULL;
    if (!dir->name) {
        errno = ENOMEM;
        return TOCSIN_E_NOMEM;
    }
    int error = open_dir(dir);
    if (error)
        return error;
    dir->lock_fd = openat(dir->fd, file_dir_name(dir, LOCK_SUFFIX), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    bool is_locked = dir->lock_fd >= 0 && flock(dir->lock_fd, LOCK_EX | LOCK_NB) == 0;
    if (!is_locked && errno == EWOULDBLOCK)
        errno = EBUSY; /* another process writes there */
    return is_locked ? TOCSIN_OK : TOCSIN_E_IO;
}

void file_dir_fini(struct file_dir *dir)
{
    if (dir->lock_fd >= 0 && dir->path)
        close(dir->lock_fd);
    if (dir->fd >= 0)
        close(dir->fd);
    free(dir->path);
    free(dir->name);
    *dir = (struct file_dir){.fd = -1, .lock_fd = -1};
}

const char *file_dir_name(struct file_dir *dir, const char *suffix)
{
    snprintf(dir->name, strlen(dir->base) + FILE_NAMES_SUFFIX_MAX, "%s%s", dir->base, suffix);
    return dir->name;
}

/* Calls `take` for each file of ours; stops at the first error. */
static int each(const struct file_dir *dir,
                int (*take)(void *context, const char *name, uint64_t number, bool is_compressed), void *context)
{
    int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = TOCSIN_OK;
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return TOCSIN_E_IO;
    }
    for (struct dirent *entry; !error && (entry = readdir(stream)) != NULL;) {
        uint64_t number;
        bool is_compressed;
        if (file_names_read(entry->d_name, dir->base, &number, &is_compressed))
            error = take(context, entry->d_name, number, is_compressed);
    }
    closedir(stream);
    return error;
}

/* --- numbers --- */

struct highest {
    uint64_t number;
    bool is_compressed;
};

static int take_highest(void *context, const char *name, uint64_t number, bool is_compressed)
{
    struct highest *highest = context;
    (void)name;
    if (number > highest->number)
        *highest = (struct highest){number, is_compressed};
    else if (number == highest->number)
        highest->is_compressed &= is_compressed;
    return TOCSIN_OK;
}

uint64_t file_dir_next_number(const struct file_dir *dir)
{
    struct highest highest = {0};
    each(dir, take_highest, &highest);
    return highest.number == 0 ? 1 : highest.number + highest.is_compressed;
}

/* --- compressing --- */

int file_dir_compress(struct file_dir *dir, const char *suffix)
{
    return compress_file(dir->fd, file_dir_name(dir, suffix));
}

struct rest {
    int dir_fd;
    uint64_t kept;
};

static int take_rest(void *context, const char *name, uint64_t number, bool is_compressed)
{
    const struct rest *rest = context;
    return is_compressed || number >= rest->kept ? TOCSIN_OK : compress_file(rest->dir_fd, name);
}

int file_dir_compress_all(struct file_dir *dir, uint64_t kept)
{
    struct highest highest = {0};
    int error = each(dir, take_highest, &highest);
    struct rest rest = {dir->fd, highest.number < kept ? highest.number : kept};
    return error ? error : each(dir, take_rest, &rest);
}
