/* The files of a directory, and which of them are those that were read before.
 *
 * A file is known by its number (device and inode) as long as its content is what it was, under whatever name; and by
 * its content where the number is another: a copy of which the original was cut back or is gone goes on where the
 * original ended, while a copy beside its original is left alone. */
#ifndef CLIENT_GATEWAY_FOLLOW_SCAN_H
#define CLIENT_GATEWAY_FOLLOW_SCAN_H

#include "client/gateway/follow_state.h"

#define FOLLOW_FILES_MAX 4096

struct follow_scan {
    const char *dir;
    const char *base;  /* "events.log" */
    bool is_by_number; /* contents repeat themselves: files are known by their numbers alone, and a copy is a new one */
    uint64_t unread;   /* bytes of files that vanished before they were read; for the caller to take */
    int open_error; /* errno of a file that could not be opened although it is there; 0: none; the caller's to clear */
    char unopened[FOLLOW_FILE_NAME_MAX + 1]; /* its name */
};

/* Looks through the directory and brings state->files up to date, in the order of their names: new ones are added, and
 * what is there is marked so. `read` is how far the current file was read. True in *is_displaced: the current file's
 * number has another content now, and its own is nowhere else. Its fd may be another one afterwards. 0, or TOCSIN_E_IO
 * with errno; TOCSIN_E_TIMEOUT: files are renamed all the time; TOCSIN_E_FULL: there are more than FOLLOW_FILES_MAX,
 * and the rest waits; TOCSIN_E_NOMEM. */
int follow_scan(struct follow_scan *scan, struct follow_state *state, const struct follow_mark *read,
                bool *is_displaced);

/* What an error of follow_scan means, for people; errno is still that of the call. */
const char *follow_scan_reason(int error);

/* Opens a file that is present. False with errno; ENOENT: it bears another name by now. */
bool follow_scan_open(struct follow_scan *scan, struct follow_file *file);

#endif
