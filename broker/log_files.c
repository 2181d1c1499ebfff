#include "broker/log_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log_scan.h"

/* Descriptors that are kept; the current file's is not counted, which stays open so that its inode stays its own. */
#define OPEN_MAX 32u

void log_files_init(struct log_files *files, const struct disk *disk, int dir, const char *log_id, uint64_t line_max)
{
    *files = (struct log_files){.disk = disk, .dir = dir, .line_max = line_max};
    memcpy(files->log_id, log_id, LOG_ID_LEN);
}

bool log_files_is_current(const struct log_files_entry *entry)
{
    return strcmp(entry->name, LOG_NAME_CURRENT) == 0;
}

static void close_entry(struct log_files *files, struct log_files_entry *entry)
{
    if (entry->fd < 0)
        return;
    files->disk->close(files->disk, entry->fd);
    entry->fd = -1;
    if (!log_files_is_current(entry))
        files->open_count--;
}

void log_files_fini(struct log_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        close_entry(files, &files->items[i]);
    free(files->items);
    *files = (struct log_files){0};
}

/* --- the directory --- */

static struct log_files_entry *add(struct log_files *files)
{
    if (files->count == files->room) {
        size_t room = files->room == 0 ? 16 : files->room * 2;
        struct log_files_entry *items = realloc(files->items, room * sizeof *items);
        if (items == NULL)
            return NULL;
        files->items = items;
        files->room = room;
    }
    return &files->items[files->count++];
}

static struct log_files_entry *find_inode(const struct log_files *files, const struct disk_stat *stat)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].inode == stat->inode && files->items[i].device == stat->device)
            return &files->items[i];
    return NULL;
}

/* By halving, since names are in the order of seqs too; by looking at each where someone has given names that are not.
 */
static struct log_files_entry *find_dated(const struct log_files *files, const char *name)
{
    size_t low = 0, high = files->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct log_files_entry *entry = &files->items[middle];
        if (log_files_is_current(entry) || log_name_compare(entry->name, name) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (low > 0 && strcmp(files->items[low - 1].name, name) == 0)
        return &files->items[low - 1];
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0)
            return &files->items[i];
    return NULL;
}

static void rename_entry(struct log_files *files, struct log_files_entry *entry, const char *name)
{
    if (log_files_is_current(entry) && entry->fd >= 0)
        files->open_count++;
    memcpy(entry->name, name, strlen(name) + 1);
    entry->is_listed = true;
}

/* Adds a file by its first line; the current one keeps `fd`. 1 when `fd` is kept, 0 or a negative errno. */
static int add_entry(struct log_files *files, const char *name, int fd, const struct disk_stat *stat,
                     const struct log_head *head)
{
    struct log_files_entry *entry = add(files);
    if (entry == NULL)
        return -ENOMEM;
    *entry = (struct log_files_entry){.first_seq = head->seq,
                                      .first_received_us = head->received_us,
                                      .device = stat->device,
                                      .inode = stat->inode,
                                      .fd = -1,
                                      .is_listed = true};
    memcpy(entry->name, name, strlen(name) + 1);
    if (!log_files_is_current(entry))
        return 0;
    entry->fd = fd;
    return 1;
}

/* Takes what stands under a name that is not in the list, or under the current file's. It may be a known file that was
 * renamed: its inode tells, but alone only while the file is open, since inodes are used again. One that is empty,
 * damaged at its head or of another log is none of ours. 1 when `fd` is kept, 0 or a negative errno. */
static int take(struct log_files *files, const char *name, int fd)
{
    struct disk_stat stat;
    struct log_head head;

    int error = files->disk->stat(files->disk, fd, &stat);
    if (error < 0 || stat.len == 0)
        return error;
    struct log_files_entry *known = find_inode(files, &stat);
    if (known != NULL && known->fd >= 0) {
        rename_entry(files, known, name);
        return 0;
    }
    error = log_scan_head(&head, files->disk, fd, files->line_max);
    if (error < 0 || head.fault != NULL || strcmp(head.origin.log_id, files->log_id) != 0)
        return error;
    if (known != NULL && known->first_seq == head.seq && strcmp(name, LOG_NAME_CURRENT) != 0) {
        rename_entry(files, known, name);
        return 0;
    }
    return add_entry(files, name, fd, &stat, &head);
}

/* What goes away meanwhile, or is no file that we may read, is passed over; but not for want of means. */
static int look_at(struct log_files *files, const char *name)
{
    int fd = files->disk->open(files->disk, files->dir, name, DISK_READ);
    int result = fd < 0 ? fd : take(files, name, fd);
    if (fd >= 0 && result <= 0)
        files->disk->close(files->disk, fd);
    bool is_grave = result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -EIO;
    return is_grave ? result : 0;
}

struct listing {
    struct log_files *files;
    int error;
};

static bool see_name(void *arg, const char *name)
{
    struct listing *listing = arg;
    if (!log_name_is_dated(name))
        return true;
    struct log_files_entry *known = find_dated(listing->files, name);
    if (known != NULL)
        known->is_listed = true;
    else
        listing->error = look_at(listing->files, name);
    return listing->error == 0;
}

static int compare_entries(const void *a, const void *b)
{
    const struct log_files_entry *left = a;
    const struct log_files_entry *right = b;
    return left->first_seq < right->first_seq ? -1 : left->first_seq > right->first_seq;
}

/* Forgets what is not listed, and all but one of those that begin with the same seq. */
static void tidy(struct log_files *files)
{
    size_t kept = 0;
    if (files->count > 0)
        qsort(files->items, files->count, sizeof *files->items, compare_entries);
    for (size_t i = 0; i < files->count; i++) {
        struct log_files_entry *entry = &files->items[i];
        bool is_double = kept > 0 && files->items[kept - 1].first_seq == entry->first_seq;
        if (entry->is_listed && !is_double)
            files->items[kept++] = *entry;
        else
            close_entry(files, entry);
    }
    files->count = kept;
}

/* The current file is looked at first: when it gets its day's name before the rest is listed, its inode tells. */
int log_files_refresh(struct log_files *files)
{
    struct listing listing = {.files = files};

    for (size_t i = 0; i < files->count; i++)
        files->items[i].is_listed = false;
    int error = look_at(files, LOG_NAME_CURRENT);
    if (error == 0)
        error = files->disk->list(files->disk, files->dir, see_name, &listing);
    if (error == 0)
        error = listing.error;
    for (size_t i = 0; error < 0 && i < files->count; i++)
        files->items[i].is_listed = true;
    tidy(files);
    return error;
}

/* --- finding --- */

/* How many files from the start begin before `wanted`, by seq or by time. */
static size_t count_before(const struct log_files *files, uint64_t wanted, bool by_time)
{
    size_t low = 0, high = files->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct log_files_entry *entry = &files->items[middle];
        if ((by_time ? entry->first_received_us : entry->first_seq) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct log_files_entry *log_files_of_seq(const struct log_files *files, uint64_t seq)
{
    size_t count = seq == UINT64_MAX ? files->count : count_before(files, seq + 1, false);
    return count == 0 ? NULL : &files->items[count - 1];
}

struct log_files_entry *log_files_before(const struct log_files *files, uint64_t received_us)
{
    size_t count = count_before(files, received_us, true);
    return count == 0 ? NULL : &files->items[count - 1];
}

struct log_files_entry *log_files_next(const struct log_files *files, const struct log_files_entry *entry)
{
    size_t next = entry == NULL ? 0 : (size_t)(entry - files->items) + 1;
    return next < files->count ? &files->items[next] : NULL;
}

/* --- descriptors --- */

static void close_oldest(struct log_files *files)
{
    struct log_files_entry *oldest = NULL;
    for (size_t i = 0; i < files->count; i++) {
        struct log_files_entry *entry = &files->items[i];
        if (entry->fd >= 0 && !log_files_is_current(entry) && (oldest == NULL || entry->used_at < oldest->used_at))
            oldest = entry;
    }
    if (oldest != NULL)
        close_entry(files, oldest);
}

int log_files_open(struct log_files *files, struct log_files_entry *entry)
{
    struct disk_stat stat;

    entry->used_at = ++files->use_count;
    if (entry->fd >= 0)
        return 0;
    if (files->open_count >= OPEN_MAX)
        close_oldest(files);
    int fd = files->disk->open(files->disk, files->dir, entry->name, DISK_READ);
    if (fd < 0)
        return fd;
    int error = files->disk->stat(files->disk, fd, &stat);
    if (error == 0 && (stat.inode != entry->inode || stat.device != entry->device)) {
        entry->name[0] = '\0'; /* so that the name counts as new the next time */
        error = -ENOENT;
    }
    if (error < 0) {
        files->disk->close(files->disk, fd);
        return error;
    }
    entry->fd = fd;
    if (!log_files_is_current(entry))
        files->open_count++;
    return 0;
}

void log_files_rest(struct log_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (!log_files_is_current(&files->items[i]))
            close_entry(files, &files->items[i]);
}
