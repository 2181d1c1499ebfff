/* A disk on which a rolled file of the log that was compressed is still there under its own name, for reading: where
 * events.log.20261121 is gone and events.log.20261121.zst is there, opening the one gives the content of the other, and
 * the directory lists the one. Where both are there the plain one counts. All else goes to the disk beneath.
 *
 * What is unpacked is kept in a few frames for all files together, so whoever reads on, or seeks near by, unpacks each
 * frame once. For one thread. */
#ifndef BROKER_DISK_ZST_H
#define BROKER_DISK_ZST_H

#include "broker/disk.h"
#include "proto/zst/zst_read.h"

#define DISK_ZST_FRAMES 16u
#define DISK_ZST_FILES  128u /* open at a time */

struct disk_zst_frame {
    struct zst_frame frame;
    const void *file; /* whose it is; NULL: nobody's */
    size_t index;
    uint64_t used_at;
};

struct disk_zst {
    struct disk disk; /* to be used: &it->disk */
    const struct disk *base;
    struct disk_zst_file *files[DISK_ZST_FILES]; /* compressed files that are open */
    struct disk_zst_frame frames[DISK_ZST_FRAMES];
    struct zst_unpacker unpacker;
    uint64_t use_count;
};

/* `base` is borrowed. */
void disk_zst_init(struct disk_zst *it, const struct disk *base);

/* When all files are closed. */
void disk_zst_fini(struct disk_zst *it);

#endif
