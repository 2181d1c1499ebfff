/* The directory that `tocsin log` writes files into. */
#ifndef CLIENT_LOGGER_FILE_DIR_H
#define CLIENT_LOGGER_FILE_DIR_H

#include <stdint.h>

#include "client/logger/file_names.h"

struct file_dir {
    char *path; /* as given: directory and base */
    const char *base;
    int fd;
    int lock_fd;
    char *name; /* the last that was asked for */
};

/* Opens the directory and locks PATH.lock in it, so that no other process writes the same files. TOCSIN_E_IO: errno
 * tells why; TOCSIN_E_NOMEM. file_dir_fini is due in any case. */
int file_dir_init(struct file_dir *dir, const char *path);
void file_dir_fini(struct file_dir *dir);

/* The base with the suffix; lives until the next call. */
const char *file_dir_name(struct file_dir *dir, const char *suffix);

/* The number of the file to go on with: the highest that there is, or the one behind it where that is compressed; 1. */
uint64_t file_dir_next_number(const struct file_dir *dir);

/* Compresses the file of that suffix; all that have a number or day and are not compressed, but those from `kept` on and
 * the last day's. As compress_file. */
int file_dir_compress(struct file_dir *dir, const char *suffix);
int file_dir_compress_all(struct file_dir *dir, uint64_t kept);

#endif
