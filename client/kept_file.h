/* A small file that is replaced as a whole: written beside and renamed, and forced to the disk, so that it is always the
 * old one or the new one. A lock beside it keeps a second process away. */
#ifndef CLIENT_KEPT_FILE_H
#define CLIENT_KEPT_FILE_H

#include "proto/span.h"
#include "proto/text.h"

struct kept_file {
    char *path;     /* NULL: not open */
    char *path_new; /* where it is written */
    int lock_fd;    /* -1: none */
};

/* Locks; nothing is read yet. TOCSIN_E_LOCKED: another process has it; TOCSIN_E_IO: errno tells why; TOCSIN_E_NOMEM.
 * kept_file_close is due in any case; it may also be called for a struct that is all zero. */
int kept_file_open(struct kept_file *file, const char *path);
void kept_file_close(struct kept_file *file);

/* Appends the content to `out`. 0, TOCSIN_E_END: there is no file yet; TOCSIN_E_FULL: it is longer than `max` bytes;
 * TOCSIN_E_IO: errno tells why; TOCSIN_E_NOMEM. */
int kept_file_read(const struct kept_file *file, size_t max, struct text *out);

/* 0 when it is on the disk, or TOCSIN_E_IO: errno tells why, and the old one is there still. */
int kept_file_write(const struct kept_file *file, struct span content);

#endif
