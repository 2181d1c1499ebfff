/* The broker may be at work meanwhile: events.log is opened before the directory is listed, so that a file which gets
 * the name of its day in between is met once, and nothing between two files is missed. */
#include "client/verify_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/log_files.h"
#include "client/packed_file.h"
#include "proto/tocsin_base.h"
#include "proto/zst/zst.h"

#define HEAD_LEN 65536 /* a first line is far below this */

static bool is_dated(const char *name)
{
    return log_names_is_log(name) && strcmp(name, VERIFY_CURRENT) != 0;
}

static int compare(const void *left, const void *right)
{
    const struct verify_file *a = left, *b = right;
    return log_names_compare(a->name, b->name);
}

static int add(struct verify_files *files, const char *name, const struct stat *stat, bool is_current)
{
    if (files->count == files->room) {
        size_t room = files->room == 0 ? 64 : 2 * files->room;
        struct verify_file *items = realloc(files->items, room * sizeof *items);
        if (items == NULL)
            return -ENOMEM;
        files->items = items;
        files->room = room;
    }
    struct verify_file *file = &files->items[files->count++];
    *file =
        (struct verify_file){.is_current = is_current, .len = (uint64_t)stat->st_size, .inode = (uint64_t)stat->st_ino};
    memcpy(file->name, name, strlen(name) + 1);
    if (log_names_is_packed(name))
        file->len = packed_file_content_len(files->dir, name, file->len);
    return 0;
}

static int take_current(struct verify_files *files)
{
    struct stat stat;
    files->current_fd = openat(files->dir, VERIFY_CURRENT, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (files->current_fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (fstat(files->current_fd, &stat) != 0)
        return -errno;
    if (!S_ISREG(stat.st_mode))
        return -EINVAL;
    return stat.st_size == 0 ? 0 : add(files, VERIFY_CURRENT, &stat, true);
}

static int take_dated(struct verify_files *files)
{
    struct stat stat;
    const struct dirent *entry;
    int error = 0;

    int fd = dup(files->dir);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        error = -errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    while (error == 0 && (errno = 0, entry = readdir(stream)) != NULL) {
        if (!is_dated(entry->d_name) || fstatat(files->dir, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        struct verify_file *current = files->count > 0 && files->items[0].is_current ? &files->items[0] : NULL;
        if (current != NULL && current->inode == (uint64_t)stat.st_ino) {
            current->is_current = false; /* it has just got this name */
            memcpy(current->name, entry->d_name, strlen(entry->d_name) + 1);
        } else if (stat.st_size > 0) {
            error = add(files, entry->d_name, &stat, false);
        }
    }
    if (error == 0)
        error = -errno;
    closedir(stream);
    return error;
}

/* A file that is being compressed is there in both forms: the plain one, which comes first, is enough. */
static void sort(struct verify_files *files)
{
    size_t kept = 0;
    if (files->count > 1)
        qsort(files->items, files->count, sizeof *files->items, compare);
    for (size_t i = 0; i < files->count; i++)
        if (kept == 0 || !verify_files_is_named(&files->items[kept - 1], files->items[i].name))
            files->items[kept++] = files->items[i];
    files->count = kept;
}

bool verify_files_is_named(const struct verify_file *file, const char *name)
{
    size_t len = log_names_len(name);
    return log_names_len(file->name) == len && memcmp(file->name, name, len) == 0;
}

/* What a first line says is of use only when its hash says the same. */
static void take_head(struct verify_file *file, const struct line *line)
{
    struct verify_told told;
    verify_told_read(&told, line);
    if (told.kind != VERIFY_TOLD_OPENED || !verify_chain_follows(told.previous_hash, line))
        return;
    file->first_seq = line->seq;
    file->first_received_us = line->received_us;
    file->opened = told;
}

/* What the first line says, as far as it can be read. */
static int read_head(struct verify_files *files, struct verify_file *file)
{
    struct verify_source source;
    struct line line;
    size_t len = 0;
    ssize_t count = 1;

    uint8_t *bytes = malloc(HEAD_LEN);
    int error = bytes == NULL ? -ENOMEM : verify_files_open(files, file, &source);
    if (error < 0) {
        free(bytes);
        return error;
    }
    while (len < HEAD_LEN && (count = verify_source_read(&source, bytes + len, HEAD_LEN - len)) > 0)
        len += (size_t)count;
    verify_source_close(&source);
    const uint8_t *lf = memchr(bytes, '\n', len);
    if (lf != NULL && line_read(span_of(bytes, (size_t)(lf - bytes)), &line) == TOCSIN_OK)
        take_head(file, &line);
    free(bytes);
    return count < 0 ? (int)count : 0;
}

int verify_files_read(struct verify_files *files, const char *path)
{
    *files = (struct verify_files){.dir = -1, .current_fd = -1};
    files->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->dir < 0)
        return -errno;
    int error = take_current(files);
    if (error == 0)
        error = take_dated(files);
    if (error < 0)
        return error;
    sort(files);
    for (size_t i = 0; error == 0 && i < files->count; i++)
        error = read_head(files, &files->items[i]);
    return error;
}

void verify_files_fini(struct verify_files *files)
{
    free(files->items);
    if (files->current_fd >= 0)
        close(files->current_fd);
    if (files->dir >= 0)
        close(files->dir);
}

/* A file that is not there any more may have been compressed meanwhile. */
static int open_dated(const struct verify_files *files, const struct verify_file *file, struct verify_source *source)
{
    char packed[VERIFY_NAME_MAX + sizeof ZST_SUFFIX];
    int error = verify_source_open(source, files->dir, file->name);
    if (error != -ENOENT || log_names_is_packed(file->name))
        return error;
    snprintf(packed, sizeof packed, "%s" ZST_SUFFIX, file->name);
    return verify_source_open(source, files->dir, packed);
}

int verify_files_open(struct verify_files *files, const struct verify_file *file, struct verify_source *source)
{
    if (!file->is_current)
        return open_dated(files, file, source);
    return verify_source_of_fd(source, dup(files->current_fd));
}
