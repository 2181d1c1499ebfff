#include "broker/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILE_MODE 0640
#define DIR_MODE  0750

static int result_of(int returned)
{
    return returned < 0 ? -errno : returned;
}

static int real_make_dir(const struct disk *disk, const char *path)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    (void)disk;

    if (len == 0)
        return -ENOENT;
    if (len >= sizeof part)
        return -ENAMETOOLONG;
    for (size_t at = 1; at <= len; at++) {
        if (path[at] != '/' && path[at] != '\0')
            continue;
        memcpy(part, path, at);
        part[at] = '\0';
        if (mkdir(part, DIR_MODE) < 0 && errno != EEXIST && errno != EISDIR)
            return -errno;
    }
    return 0;
}

static int real_open_dir(const struct disk *disk, const char *path)
{
    (void)disk;
    return result_of(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int real_open(const struct disk *disk, int dir, const char *name, enum disk_open how)
{
    static const int flags[] = {
        [DISK_READ] = O_RDONLY,
        [DISK_APPEND] = O_RDWR | O_APPEND,
        [DISK_CREATE] = O_RDWR | O_APPEND | O_CREAT | O_EXCL,
        [DISK_PATCH] = O_RDWR,
        [DISK_REPLACEABLE] = O_WRONLY | O_CREAT | O_TRUNC,
    };
    (void)disk;
    /* Without O_NONBLOCK a pipe put in a file's place would hold us up for ever. */
    return result_of(openat(dir, name, flags[how] | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, FILE_MODE));
}

static void real_close(const struct disk *disk, int fd)
{
    (void)disk;
    close(fd);
}

static ssize_t real_read_at(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset)
{
    (void)disk;
    ssize_t count = pread(fd, bytes, len, (off_t)offset);
    return count < 0 ? -errno : count;
}

static ssize_t real_append(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    (void)disk;
    ssize_t count = write(fd, bytes, len);
    return count < 0 ? -errno : count;
}

static ssize_t real_append_direct(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    int flags = fcntl(fd, F_GETFL);
    if (fcntl(fd, F_SETFL, flags | O_DIRECT) < 0)
        return -errno;
    ssize_t count = real_append(disk, fd, bytes, len);
    fcntl(fd, F_SETFL, flags);
    return count;
}

static ssize_t real_write_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset)
{
    (void)disk;
    ssize_t count = pwrite(fd, bytes, len, (off_t)offset);
    return count < 0 ? -errno : count;
}

static int real_sync(const struct disk *disk, int fd)
{
    (void)disk;
    return result_of(fdatasync(fd));
}

static void real_forget(const struct disk *disk, int fd, uint64_t offset, uint64_t len)
{
    (void)disk;
    posix_fadvise(fd, (off_t)offset, (off_t)len, POSIX_FADV_DONTNEED);
}

static int real_sync_dir(const struct disk *disk, int dir)
{
    (void)disk;
    return result_of(fsync(dir));
}

static int real_cut(const struct disk *disk, int fd, uint64_t len)
{
    (void)disk;
    return result_of(ftruncate(fd, (off_t)len));
}

static void take_stat(struct disk_stat *out, const struct stat *from)
{
    out->len = (uint64_t)from->st_size;
    out->device = from->st_dev;
    out->inode = from->st_ino;
    out->mode = from->st_mode;
}

static int real_stat(const struct disk *disk, int fd, struct disk_stat *out)
{
    struct stat found;
    (void)disk;
    if (fstat(fd, &found) < 0)
        return -errno;
    take_stat(out, &found);
    return 0;
}

static int real_stat_name(const struct disk *disk, int dir, const char *name, struct disk_stat *out)
{
    struct stat found;
    (void)disk;
    if (fstatat(dir, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    take_stat(out, &found);
    return 0;
}

static int real_space(const struct disk *disk, int dir, struct disk_space *out)
{
    struct statvfs found;
    (void)disk;
    if (fstatvfs(dir, &found) < 0)
        return -errno;
    out->total_bytes = (uint64_t)found.f_blocks * found.f_frsize;
    out->free_bytes = (uint64_t)(geteuid() == 0 ? found.f_bfree : found.f_bavail) * found.f_frsize;
    return 0;
}

static int real_rename(const struct disk *disk, int dir, const char *from, const char *to)
{
    (void)disk;
    if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    /* A file system that cannot: look first. Nobody else makes such names while we hold the directory. */
    struct stat found;
    if (fstatat(dir, to, &found, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    return errno != ENOENT ? -errno : result_of(renameat(dir, from, dir, to));
}

static int real_replace(const struct disk *disk, int dir, const char *from, const char *to)
{
    (void)disk;
    return result_of(renameat(dir, from, dir, to));
}

static int real_unlink(const struct disk *disk, int dir, const char *name)
{
    (void)disk;
    return result_of(unlinkat(dir, name, 0));
}

static int real_list(const struct disk *disk, int dir, bool (*entry)(void *arg, const char *name), void *arg)
{
    (void)disk;
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0)
        return -errno;
    DIR *stream = fdopendir(copy);
    if (stream == NULL) {
        int error = -errno;
        close(copy);
        return error;
    }
    const struct dirent *found;
    errno = 0;
    while ((found = readdir(stream)) != NULL) {
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0 && !entry(arg, found->d_name))
            break;
        errno = 0;
    }
    int error = found == NULL ? -errno : 0;
    closedir(stream);
    return error;
}

static void real_boot_id(const struct disk *disk, char out[DISK_BOOT_ID_MAX])
{
    (void)disk;
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t len = read(fd, out, DISK_BOOT_ID_MAX - 1);
    close(fd);
    out[len < 0 ? 0 : len] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static int real_lock(const struct disk *disk, int dir)
{
    (void)disk;
    return result_of(flock(dir, LOCK_EX | LOCK_NB));
}

const struct disk disk_real = {
    .make_dir = real_make_dir,
    .open_dir = real_open_dir,
    .open = real_open,
    .close = real_close,
    .read_at = real_read_at,
    .append = real_append,
    .append_direct = real_append_direct,
    .write_at = real_write_at,
    .sync = real_sync,
    .sync_dir = real_sync_dir,
    .forget = real_forget,
    .cut = real_cut,
    .stat = real_stat,
    .stat_name = real_stat_name,
    .space = real_space,
    .rename = real_rename,
    .replace = real_replace,
    .unlink = real_unlink,
    .list = real_list,
    .boot_id = real_boot_id,
    .lock = real_lock,
};
