/* The operations on files that the log needs, as a table, so that a simulated or a failing disk can stand in.
 *
 * All return 0 (or what is said) or a negative errno; errno itself means nothing. A file is known by a descriptor;
 * names are relative to the descriptor of a directory. */
#ifndef BROKER_DISK_H
#define BROKER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DISK_BOOT_ID_MAX  40   /* with the terminating NUL */
#define DISK_DIRECT_ALIGN 4096 /* as much as disks and file systems ask for */

struct disk_stat {
    uint64_t len;
    uint64_t device;
    uint64_t inode;
    mode_t mode;
};

struct disk_space {
    uint64_t total_bytes;
    uint64_t free_bytes; /* free for us: what is reserved for root is left out for others */
};

/* How a file is opened; all are close-on-exec and follow no symbolic link. */
enum disk_open {
    DISK_READ,        /* for reading; must exist */
    DISK_APPEND,      /* for reading and appending; must exist */
    DISK_CREATE,      /* for reading and appending; must not exist; mode 0640 */
    DISK_PATCH,       /* for writing in place (no append); must exist */
    DISK_REPLACEABLE, /* for writing from the start: created or emptied; mode 0640; for caches */
};

struct disk {
    /* Creates the directory (mode 0750) and missing parents; 0 also when it is there already. */
    int (*make_dir)(const struct disk *disk, const char *path);
    /* Opens a directory (a symbolic link to one is followed) and returns its descriptor. */
    int (*open_dir)(const struct disk *disk, const char *path);
    /* Opens a file and returns its descriptor. */
    int (*open)(const struct disk *disk, int dir, const char *name, enum disk_open how);
    void (*close)(const struct disk *disk, int fd);

    /* Return the bytes moved, which may be fewer than asked (reading: 0 at the end), or a negative errno. */
    ssize_t (*read_at)(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset);
    ssize_t (*append)(const struct disk *disk, int fd, const void *bytes, size_t len);
    /* Past the system's file cache: where `bytes` lie, `len` and the file's length are multiples of DISK_DIRECT_ALIGN.
     * -EINVAL or -EOPNOTSUPP: this file cannot be written so. Nobody else may use the descriptor meanwhile. */
    ssize_t (*append_direct)(const struct disk *disk, int fd, const void *bytes, size_t len);
    ssize_t (*write_at)(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset);

    int (*sync)(const struct disk *disk, int fd);      /* fdatasync */
    int (*sync_dir)(const struct disk *disk, int dir); /* fsync */
    /* These synced bytes will hardly be read again: the system's memory for them may go to others. Advice only. */
    void (*forget)(const struct disk *disk, int fd, uint64_t offset, uint64_t len);
    int (*cut)(const struct disk *disk, int fd, uint64_t len);
    int (*stat)(const struct disk *disk, int fd, struct disk_stat *out);
    int (*stat_name)(const struct disk *disk, int dir, const char *name, struct disk_stat *out); /* of a link itself */
    int (*space)(const struct disk *disk, int dir, struct disk_space *out);

    /* -EEXIST where `to` exists: nothing is ever overwritten. */
    int (*rename)(const struct disk *disk, int dir, const char *from, const char *to);
    /* Overwrites `to`; for caches. */
    int (*replace)(const struct disk *disk, int dir, const char *from, const char *to);
    int (*unlink)(const struct disk *disk, int dir, const char *name);
    /* Calls `entry` for each name of the directory, "." and ".." left out; stops when it returns false. */
    int (*list)(const struct disk *disk, int dir, bool (*entry)(void *arg, const char *name), void *arg);
    /* What changes when the machine starts anew; "" when it cannot be told. */
    void (*boot_id)(const struct disk *disk, char out[DISK_BOOT_ID_MAX]);
    /* Takes the lock of a directory for as long as the descriptor is open; -EWOULDBLOCK when another has it. */
    int (*lock)(const struct disk *disk, int dir);
};

/* The machine's own. */
extern const struct disk disk_real;

/* Continue short counts and -EINTR until all is done, or fail. disk_read_all returns how much there was (less than len
 * only at the end of the file); disk_append_all says in `*done` how much it wrote, also when it fails. */
ssize_t disk_read_all(const struct disk *disk, int fd, void *bytes, size_t len, uint64_t offset);
int disk_append_all(const struct disk *disk, int fd, const void *bytes, size_t len, size_t *done);
int disk_write_all_at(const struct disk *disk, int fd, const void *bytes, size_t len, uint64_t offset);

/* True for the errors that mean that there is no room: ENOSPC, EDQUOT, EFBIG (given negative). */
bool disk_is_full(int error);

#endif
