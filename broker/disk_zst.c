#include <errno.h>

#include "broker/disk_zst_file.h"
#include "broker/log_name.h"

static struct disk_zst *zst_of(const struct disk *disk)
{
    return (struct disk_zst *)(uintptr_t)disk;
}

static const struct disk *base_of(const struct disk *disk)
{
    return zst_of(disk)->base;
}

/* NULL: a descriptor of the disk beneath. */
static struct disk_zst_file *file_of(const struct disk *disk, int fd)
{
    return fd < DISK_ZST_FIRST_FD ? NULL : zst_of(disk)->files[fd - DISK_ZST_FIRST_FD];
}

static int zst_make_dir(const struct disk *disk, const char *path)
{
    return base_of(disk)->make_dir(base_of(disk), path);
}

static int zst_open_dir(const struct disk *disk, const char *path)
{
    return base_of(disk)->open_dir(base_of(disk), path);
}

static int zst_open(const struct disk *disk, int dir, const char *name, enum disk_open how)
{
    char packed[LOG_NAME_MAX];
    int fd = base_of(disk)->open(base_of(disk), dir, name, how);
    if (fd != -ENOENT || how != DISK_READ || !log_name_is_dated(name))
        return fd;
    log_name_packed(packed, name);
    return disk_zst_file_open(zst_of(disk), dir, packed);
}

static void zst_close(const struct disk *disk, int fd)
{
    if (file_of(disk, fd) != NULL)
        disk_zst_file_close(zst_of(disk), fd);
    else
        base_of(disk)->close(base_of(disk), fd);
}

static ssize_t zst_read_at(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset)
{
    struct disk_zst_file *file = file_of(disk, fd);
    return file != NULL ? disk_zst_file_read(zst_of(disk), file, bytes, len, offset)
                        : base_of(disk)->read_at(base_of(disk), fd, bytes, len, offset);
}

static ssize_t zst_append(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    return file_of(disk, fd) != NULL ? -EBADF : base_of(disk)->append(base_of(disk), fd, bytes, len);
}

static ssize_t zst_append_direct(const struct disk *disk, int fd, const void *bytes, size_t len)
{
    return file_of(disk, fd) != NULL ? -EBADF : base_of(disk)->append_direct(base_of(disk), fd, bytes, len);
}

static ssize_t zst_write_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset)
{
    return file_of(disk, fd) != NULL ? -EBADF : base_of(disk)->write_at(base_of(disk), fd, bytes, len, offset);
}

static int zst_sync(const struct disk *disk, int fd)
{
    return file_of(disk, fd) != NULL ? 0 : base_of(disk)->sync(base_of(disk), fd);
}

static int zst_sync_dir(const struct disk *disk, int dir)
{
    return base_of(disk)->sync_dir(base_of(disk), dir);
}

static void zst_forget(const struct disk *disk, int fd, uint64_t offset, uint64_t len)
{
    if (file_of(disk, fd) == NULL)
        base_of(disk)->forget(base_of(disk), fd, offset, len);
}

static int zst_cut(const struct disk *disk, int fd, uint64_t len)
{
    return file_of(disk, fd) != NULL ? -EBADF : base_of(disk)->cut(base_of(disk), fd, len);
}

static int zst_stat(const struct disk *disk, int fd, struct disk_stat *out)
{
    const struct disk_zst_file *file = file_of(disk, fd);
    int error = base_of(disk)->stat(base_of(disk), file == NULL ? fd : file->fd, out);
    if (error == 0 && file != NULL)
        out->len = file->table.len;
    return error;
}

/* The length is that of the file as it lies on the disk. */
static int zst_stat_name(const struct disk *disk, int dir, const char *name, struct disk_stat *out)
{
    char packed[LOG_NAME_MAX];
    int error = base_of(disk)->stat_name(base_of(disk), dir, name, out);
    if (error != -ENOENT || !log_name_is_dated(name))
        return error;
    log_name_packed(packed, name);
    return base_of(disk)->stat_name(base_of(disk), dir, packed, out);
}

static int zst_space(const struct disk *disk, int dir, struct disk_space *out)
{
    return base_of(disk)->space(base_of(disk), dir, out);
}

static int zst_rename(const struct disk *disk, int dir, const char *from, const char *to)
{
    return base_of(disk)->rename(base_of(disk), dir, from, to);
}

static int zst_replace(const struct disk *disk, int dir, const char *from, const char *to)
{
    return base_of(disk)->replace(base_of(disk), dir, from, to);
}

static int zst_unlink(const struct disk *disk, int dir, const char *name)
{
    return base_of(disk)->unlink(base_of(disk), dir, name);
}

struct listing {
    bool (*entry)(void *arg, const char *name);
    void *arg;
};

static bool list_name(void *arg, const char *name)
{
    const struct listing *listing = arg;
    char plain[LOG_NAME_MAX];
    return listing->entry(listing->arg, log_name_unpacked(plain, name) ? plain : name);
}

/* A file that is there in both forms is listed twice. */
static int zst_list(const struct disk *disk, int dir, bool (*entry)(void *arg, const char *name), void *arg)
{
    struct listing listing = {entry, arg};
    return base_of(disk)->list(base_of(disk), dir, list_name, &listing);
}

static void zst_boot_id(const struct disk *disk, char out[DISK_BOOT_ID_MAX])
{
    base_of(disk)->boot_id(base_of(disk), out);
}

static int zst_lock(const struct disk *disk, int dir)
{
    return base_of(disk)->lock(base_of(disk), dir);
}

void disk_zst_init(struct disk_zst *it, const struct disk *base)
{
    *it = (struct disk_zst){.base = base,
                            .disk = {.make_dir = zst_make_dir,
                                     .open_dir = zst_open_dir,
                                     .open = zst_open,
                                     .close = zst_close,
                                     .read_at = zst_read_at,
                                     .append = zst_append,
                                     .append_direct = zst_append_direct,
                                     .write_at = zst_write_at,
                                     .sync = zst_sync,
                                     .sync_dir = zst_sync_dir,
                                     .forget = zst_forget,
                                     .cut = zst_cut,
                                     .stat = zst_stat,
                                     .stat_name = zst_stat_name,
                                     .space = zst_space,
                                     .rename = zst_rename,
                                     .replace = zst_replace,
                                     .unlink = zst_unlink,
                                     .list = zst_list,
                                     .boot_id = zst_boot_id,
                                     .lock = zst_lock}};
}

void disk_zst_fini(struct disk_zst *it)
{
    for (unsigned i = 0; i < DISK_ZST_FRAMES; i++)
        zst_frame_fini(&it->frames[i].frame);
    zst_unpacker_fini(&it->unpacker);
}
