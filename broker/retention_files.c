#include "broker/retention_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/retention_pack.h"

#define LINE_BYTES_MAX (UINT64_C(64) << 20)

void retention_files_init(struct retention_files *files, const struct disk *disk, int dir, const char *log_id)
{
    *files = (struct retention_files){.dir = dir, .line_max = LINE_BYTES_MAX, .current.fault = "not looked at"};
    disk_zst_init(&files->zst, disk);
    memcpy(files->log_id, log_id, LOG_ID_LEN);
}

void retention_files_fini(struct retention_files *files)
{
    disk_zst_fini(&files->zst);
    free(files->items);
    files->items = NULL;
    files->count = files->room = 0;
}

/* The first line of a file. 0, -ENOENT where it is none of ours, or a negative errno. */
static int read_head(struct retention_files *files, const char *name, struct log_head *head)
{
    const struct disk *disk = &files->zst.disk;
    int fd = disk->open(disk, files->dir, name, DISK_READ);
    if (fd < 0)
        return fd;
    int error = log_scan_head(head, disk, fd, files->line_max);
    disk->close(disk, fd);
    if (error == 0 && (head->fault != NULL || strcmp(head->origin.log_id, files->log_id) != 0))
        return -ENOENT;
    return error;
}

static struct retention_file *find(const struct retention_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0)
            return &files->items[i];
    return NULL;
}

static struct retention_file *add(struct retention_files *files, const char *name)
{
    if (files->count == files->room) {
        size_t room = files->room == 0 ? 16 : 2 * files->room;
        struct retention_file *items = realloc(files->items, room * sizeof *items);
        if (items == NULL)
            return NULL;
        files->items = items;
        files->room = room;
    }
    struct retention_file *file = &files->items[files->count];
    *file = (struct retention_file){0};
    memcpy(file->name, name, strlen(name) + 1);
    return file;
}

/* How long a file of that name is; 0 where there is none. 0 or a negative errno. */
static int read_len(const struct retention_files *files, const char *name, uint64_t *len)
{
    struct disk_stat stat;
    const struct disk *base = files->zst.base;
    int error = base->stat_name(base, files->dir, name, &stat);
    *len = error < 0 ? 0 : stat.len;
    return error == -ENOENT ? 0 : error;
}

/* What cannot be a file of ours. Any other failure must not hide one: the next would be taken for the oldest. */
static bool is_alien(int error)
{
    return error == -ENOENT || error == -EBADMSG || error == -ELOOP || error == -EISDIR || error == -ENXIO;
}

static int take_file(struct retention_files *files, const char *name)
{
    char packed[LOG_NAME_MAX];
    struct retention_file *file = find(files, name);
    bool is_new = file == NULL;

    if (is_new)
        file = add(files, name);
    if (file == NULL)
        return -ENOMEM;
    int error = is_new ? read_head(files, name, &file->head) : 0;
    if (error < 0)
        return is_alien(error) ? 0 : error;
    files->count += is_new;
    log_name_packed(packed, name);
    error = read_len(files, name, &file->plain_bytes);
    if (error == 0)
        error = read_len(files, packed, &file->packed_bytes);
    file->is_listed = file->plain_bytes + file->packed_bytes > 0;
    return error;
}

struct listing {
    struct retention_files *files;
    bool must_tidy;
    char temp[LOG_NAME_MAX + sizeof RETENTION_PACK_TEMP]; /* "": none was seen */
    int error;
};

static bool see_name(void *arg, const char *name)
{
    struct listing *listing = arg;
    if (log_name_is_dated(name))
        listing->error = take_file(listing->files, name);
    else if (listing->must_tidy && listing->temp[0] == '\0' && retention_pack_is_temp(name))
        memcpy(listing->temp, name, strlen(name) + 1);
    return listing->error == 0;
}

static int compare(const void *a, const void *b)
{
    const struct retention_file *left = a, *right = b;
    return left->head.seq < right->head.seq ? -1 : left->head.seq > right->head.seq;
}

static void forget_unlisted(struct retention_files *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].is_listed)
            files->items[kept++] = files->items[i];
    files->count = kept;
    if (kept > 1)
        qsort(files->items, kept, sizeof *files->items, compare);
}

int retention_files_look(struct retention_files *files, bool must_tidy)
{
    const struct disk *disk = &files->zst.disk;
    struct listing listing = {.files = files, .must_tidy = must_tidy};

    for (size_t i = 0; i < files->count; i++)
        files->items[i].is_listed = false;
    if (read_head(files, LOG_NAME_CURRENT, &files->current) < 0)
        files->current.fault = "it has no sound first line";
    int error = read_len(files, LOG_NAME_CURRENT, &files->current_bytes);
    if (error == 0)
        error = disk->list(disk, files->dir, see_name, &listing);
    if (listing.temp[0] != '\0')
        disk->unlink(disk, files->dir, listing.temp);
    forget_unlisted(files);
    return error < 0 ? error : listing.error;
}

const struct log_head *retention_files_next(const struct retention_files *files, size_t index)
{
    return index + 1 < files->count ? &files->items[index + 1].head : &files->current;
}

bool retention_files_is_tied(const struct retention_files *files, size_t index)
{
    const struct log_head *next = retention_files_next(files, index);
    return next->fault == NULL && next->origin.has_previous &&
           strcmp(next->origin.previous_file, files->items[index].name) == 0 &&
           next->origin.previous_seq >= files->items[index].head.seq;
}
