#include "client/gateway/follow_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/tocsin_base.h"

#define TRIES_MAX 100

static bool is_listed(const struct follow_list *list, const struct stat *status)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].device == status->st_dev && list->entries[i].inode == status->st_ino)
            return true; /* renamed while we looked, or a second name of it */
    }
    return false;
}

static bool add(struct follow_list *list, const char *base, int dir_fd, const char *name)
{
    struct follow_entry entry = {.is_found = false};
    struct stat status;
    if (!follow_name_read(name, base, &entry.order) || fstatat(dir_fd, name, &status, 0) != 0 ||
        !S_ISREG(status.st_mode) || is_listed(list, &status))
        return true; /* not ours, or gone meanwhile */
    struct follow_entry *grown = realloc(list->entries, (list->count + 1) * sizeof *grown);
    if (!grown)
        return false;
    list->entries = grown;
    snprintf(entry.name, sizeof entry.name, "%s", name);
    entry.device = status.st_dev;
    entry.inode = status.st_ino;
    entry.size = (uint64_t)status.st_size;
    entry.modified_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    grown[list->count++] = entry;
    return true;
}

static int read_once(struct follow_list *list, const char *path, const char *base)
{
    DIR *dir = opendir(path);
    if (!dir)
        return TOCSIN_E_IO;
    bool is_added = true;
    struct dirent *found;
    list->count = 0;
    while (errno = 0, is_added && (found = readdir(dir)))
        is_added = add(list, base, dirfd(dir), found->d_name);
    int reason = errno;
    closedir(dir);
    errno = reason;
    if (!is_added)
        return TOCSIN_E_NOMEM;
    return reason ? TOCSIN_E_IO : TOCSIN_OK;
}

/* Of which file bears which name. */
static uint64_t sum_of_names(const struct follow_list *list)
{
    uint64_t sum = list->count;
    for (size_t i = 0; i < list->count; i++) {
        sum = sum * 31 + list->entries[i].inode;
        for (const char *at = list->entries[i].name; *at; at++)
            sum = sum * 31 + (uint8_t)*at;
    }
    return sum;
}

/* A file that is renamed meanwhile may be in no listing, though it always was there: only two that agree are believed. */
int follow_list_read(struct follow_list *list, const char *dir, const char *base)
{
    *list = (struct follow_list){NULL, 0};
    int error = read_once(list, dir, base);
    for (unsigned i = 0; i < TRIES_MAX && !error; i++) {
        uint64_t before = sum_of_names(list);
        error = read_once(list, dir, base);
        if (!error && sum_of_names(list) == before)
            return TOCSIN_OK;
    }
    return error ? error : TOCSIN_E_TIMEOUT;
}

void follow_list_fini(struct follow_list *list)
{
    free(list->entries);
}
