/* A cursor kept in a file: one line, "tocsin-cursor 1 LOG_ID SEQ". */
#ifndef CLIENT_CURSOR_FILE_H
#define CLIENT_CURSOR_FILE_H

#include <stdint.h>

#include "client/kept_file.h"
#include "client/stream_answer.h"

struct cursor {
    uint64_t seq; /* all through it is handled */
    char log_id[STREAM_LOG_ID_LEN + 1];
};

struct cursor_file {
    struct kept_file kept;
};

/* Locks; nothing is read yet. TOCSIN_E_LOCKED: another process has it; TOCSIN_E_IO: errno tells why; TOCSIN_E_NOMEM.
 * cursor_file_close is due in any case. */
int cursor_file_open(struct cursor_file *file, const char *path);
void cursor_file_close(struct cursor_file *file);

/* 0, TOCSIN_E_END: there is no file yet; TOCSIN_E_SYNTAX: it is no cursor; TOCSIN_E_IO: errno tells why. */
int cursor_file_read(const struct cursor_file *file, struct cursor *cursor);

/* 0 when it is on the disk, or TOCSIN_E_IO: errno tells why, and the old one is there still. */
int cursor_file_write(const struct cursor_file *file, const struct cursor *cursor);

/* The line that is in the file. 0 or TOCSIN_E_SYNTAX. */
int cursor_read(struct span text, struct cursor *cursor);

#endif
