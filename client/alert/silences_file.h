/* The file of silences, followed: whoever changes it replaces it as a whole. */
#ifndef CLIENT_ALERT_SILENCES_FILE_H
#define CLIENT_ALERT_SILENCES_FILE_H

#include <sys/stat.h>

#include "client/alert/silences.h"

struct silences_file {
    const char *path; /* NULL: none, and none is looked for; borrowed */
    struct stat seen;
    int64_t looked_us; /* monotonic */
};

/* Reads it for the first time. False: complained about. silences_fini is due after success. */
bool silences_file_begin(struct silences_file *file, struct silences *silences);

/* Looks at the file, once a second at most. True: it is another one, and was read into *silences. One that cannot be
 * read is complained about. */
bool silences_file_look(struct silences_file *file, int64_t now_us, struct silences *silences);

#endif
