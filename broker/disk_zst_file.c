#include "broker/disk_zst_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static ssize_t read_packed(void *arg, void *bytes, size_t len, uint64_t offset)
{
    const struct disk_zst_file *file = arg;
    return disk_read_all(file->base, file->fd, bytes, len, offset);
}

static struct zst_source source_of(struct disk_zst_file *file)
{
    return (struct zst_source){read_packed, file};
}

static int open_file(struct disk_zst_file *file, int dir, const char *name)
{
    struct disk_stat stat;
    struct zst_source source = source_of(file);

    file->fd = file->base->open(file->base, dir, name, DISK_READ);
    if (file->fd < 0)
        return file->fd;
    int error = file->base->stat(file->base, file->fd, &stat);
    if (error == 0)
        error = zst_table_read(&file->table, &source, stat.len);
    if (error < 0)
        file->base->close(file->base, file->fd);
    return error;
}

int disk_zst_file_open(struct disk_zst *it, int dir, const char *name)
{
    unsigned slot = 0;
    while (slot < DISK_ZST_FILES && it->files[slot] != NULL)
        slot++;
    struct disk_zst_file *file = slot == DISK_ZST_FILES ? NULL : malloc(sizeof *file);
    if (file == NULL)
        return slot == DISK_ZST_FILES ? -EMFILE : -ENOMEM;
    *file = (struct disk_zst_file){.base = it->base};
    int error = open_file(file, dir, name);
    if (error < 0) {
        free(file);
        return error;
    }
    it->files[slot] = file;
    return DISK_ZST_FIRST_FD + (int)slot;
}

void disk_zst_file_close(struct disk_zst *it, int fd)
{
    struct disk_zst_file *file = it->files[fd - DISK_ZST_FIRST_FD];
    for (unsigned i = 0; i < DISK_ZST_FRAMES; i++)
        if (it->frames[i].file == file)
            it->frames[i].file = NULL;
    it->base->close(it->base, file->fd);
    zst_table_fini(&file->table);
    free(file);
    it->files[fd - DISK_ZST_FIRST_FD] = NULL;
}

/* The frame, unpacked: one that is kept, or in the place of the one that was used least lately. */
static int find_frame(struct disk_zst *it, struct disk_zst_file *file, size_t index, struct disk_zst_frame **found)
{
    struct zst_source source = source_of(file);
    struct disk_zst_frame *oldest = &it->frames[0];
    for (unsigned i = 0; i < DISK_ZST_FRAMES; i++) {
        struct disk_zst_frame *frame = &it->frames[i];
        if (frame->file == file && frame->index == index) {
            frame->used_at = ++it->use_count;
            *found = frame;
            return 0;
        }
        if (frame->used_at < oldest->used_at)
            oldest = frame;
    }
    oldest->file = NULL;
    int error = zst_frame_read(&oldest->frame, &it->unpacker, &file->table, &source, index);
    if (error < 0)
        return error;
    oldest->file = file;
    oldest->index = index;
    oldest->used_at = ++it->use_count;
    *found = oldest;
    return 0;
}

ssize_t disk_zst_file_read(struct disk_zst *it, struct disk_zst_file *file, void *bytes, size_t len, uint64_t offset)
{
    struct disk_zst_frame *frame;

    if (offset >= file->table.len || len == 0)
        return 0;
    int error = find_frame(it, file, zst_table_find(&file->table, offset), &frame);
    if (error < 0)
        return error;
    size_t at = (size_t)(offset - frame->frame.content_at);
    size_t count = frame->frame.len - at < len ? frame->frame.len - at : len;
    memcpy(bytes, frame->frame.bytes + at, count);
    return (ssize_t)count;
}
