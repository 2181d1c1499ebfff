#include "broker/log_find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/log_scan.h"

#define LASTS_BYTES_MAX (UINT64_C(512) << 20) /* that are read for topics and producers that have been quiet today */
#define LASTS_FILES_MAX 64u

struct names {
    char (*items)[LOG_NAME_MAX];
    size_t count;
    size_t room;
    bool failed;
};

static bool add_name(void *arg, const char *name)
{
    struct names *names = arg;
    if (!log_name_is_dated(name))
        return true;
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : names->room * 2;
        void *items = realloc(names->items, room * sizeof *names->items);
        if (items == NULL) {
            names->failed = true;
            return false;
        }
        names->items = items;
        names->room = room;
    }
    memcpy(names->items[names->count++], name, strlen(name) + 1);
    return true;
}

/* The first line of a file by name. 1, 0 for an empty file, or a negative errno. */
static int look_at(struct log_head *head, const char *name, const struct disk *disk, int dir, uint64_t line_max)
{
    struct disk_stat stat;

    int fd = disk->open(disk, dir, name, DISK_READ);
    if (fd == -EBADMSG)
        return 0; /* compressed by someone else */
    if (fd < 0)
        return fd;
    int error = disk->stat(disk, fd, &stat);
    if (error == 0 && stat.len > 0)
        error = log_scan_head(head, disk, fd, line_max);
    disk->close(disk, fd);
    return error < 0 ? error : stat.len > 0;
}

static int choose(char name[LOG_NAME_MAX], const struct names *names, const struct disk *disk, int dir,
                  uint64_t line_max)
{
    const char *newest = "";
    const char *damaged = "";
    uint64_t newest_seq = 0;
    struct log_head head = {0};

    for (size_t i = 0; i < names->count; i++) {
        const char *item = names->items[i];
        int result = look_at(&head, item, disk, dir, line_max);
        if (result < 0) {
            memcpy(name, item, strlen(item) + 1);
            return result;
        }
        if (result == 0)
            continue;
        if (head.fault != NULL) {
            if (damaged[0] == '\0' || log_name_compare(item, damaged) > 0)
                damaged = item;
        } else if (head.seq > newest_seq) {
            newest = item;
            newest_seq = head.seq;
        }
    }
    if (damaged[0] != '\0' && (newest[0] == '\0' || log_name_compare(damaged, newest) > 0))
        newest = damaged;
    memcpy(name, newest, strlen(newest) + 1);
    return 0;
}

int log_find_newest(char name[LOG_NAME_MAX], const struct disk *disk, int dir, uint64_t line_max)
{
    struct names names = {0};

    name[0] = '\0';
    int error = disk->list(disk, dir, add_name, &names);
    if (error == 0)
        error = names.failed ? -ENOMEM : choose(name, &names, disk, dir, line_max);
    free(names.items);
    return error;
}

/* Opens the file before the one of `origin`, when it is there and is that file: its descriptor and head; -ENOENT when
 * it is not, or another negative errno. */
static int open_previous(struct log_head *head, uint64_t *len, const struct log_origin *origin, const struct disk *disk,
                         int dir, uint64_t line_max)
{
    struct disk_stat stat = {0};

    int fd = origin->has_previous ? disk->open(disk, dir, origin->previous_file, DISK_READ) : -ENOENT;
    if (fd < 0)
        return -ENOENT; /* whatever hides it: a topic's last seq may be unknown */
    int error = disk->stat(disk, fd, &stat);
    if (error == 0)
        error = log_scan_head(head, disk, fd, line_max);
    if (error == 0 &&
        (head->fault != NULL || head->seq > origin->previous_seq || strcmp(head->origin.log_id, origin->log_id) != 0))
        error = -ENOENT;
    *len = stat.len;
    if (error == 0)
        return fd;
    disk->close(disk, fd);
    return error;
}

int log_find_lasts(struct log_lasts lasts, const struct log_origin *origin, const struct disk *disk, int dir,
                   uint64_t line_max)
{
    struct log_head heads[2] = {0};
    uint64_t len, seq = 0, bytes = 0;
    int fds[LASTS_FILES_MAX];
    unsigned count = 0;
    int error = 0;

    while (bytes < LASTS_BYTES_MAX && count < LASTS_FILES_MAX) {
        struct log_head *head = &heads[count % 2];
        int fd = open_previous(head, &len, origin, disk, dir, line_max);
        if (fd < 0) {
            error = fd == -ENOENT ? 0 : fd;
            break;
        }
        fds[count++] = fd;
        bytes += len;
        origin = &head->origin;
    }
    uint64_t offset = bytes > LASTS_BYTES_MAX ? bytes - LASTS_BYTES_MAX : 0; /* in the oldest */
    while (count > 0) {
        int fd = fds[--count];
        if (error == 0)
            error = log_scan_lasts(lasts, &seq, disk, fd, offset, line_max);
        disk->close(disk, fd);
        offset = 0;
    }
    return error;
}

int log_find_lasts_after(struct log_lasts lasts, const struct log_mark *known, const struct log_origin *origin,
                         const struct disk *disk, int dir, uint64_t line_max)
{
    struct log_head head = {0};
    uint64_t len;
    uint64_t seq = known->end.seq;

    int fd = open_previous(&head, &len, origin, disk, dir, line_max);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    int result = 0;
    if (log_mark_is_origin(known, &head.origin) && known->end.seq <= origin->previous_seq)
        result = log_mark_check(&known->end, disk, fd);
    if (result == 1) {
        int error = log_scan_lasts(lasts, &seq, disk, fd, known->end.offset, line_max);
        result = error < 0 ? error : 1;
    }
    disk->close(disk, fd);
    return result;
}
