/* The compressed files of disk_zst.h; nobody else includes it. */
#ifndef BROKER_DISK_ZST_FILE_H
#define BROKER_DISK_ZST_FILE_H

#include "broker/disk_zst.h"

#define DISK_ZST_FIRST_FD (1 << 28) /* no descriptor of the system is so high */

struct disk_zst_file {
    const struct disk *base;
    int fd;
    struct zst_table table;
};

/* Opens a compressed file for reading. Returns the descriptor that stands for it; -EBADMSG: it has not the seekable form;
 * another negative errno. */
int disk_zst_file_open(struct disk_zst *it, int dir, const char *name);
void disk_zst_file_close(struct disk_zst *it, int fd);

/* As read_at of struct disk, of the content; -EBADMSG: it is damaged. */
ssize_t disk_zst_file_read(struct disk_zst *it, struct disk_zst_file *file, void *bytes, size_t len, uint64_t offset);

#endif
