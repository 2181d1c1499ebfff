/* Standard output, buffered: flushed for each event on a terminal, else when there is nothing to do or enough to write.
 */
#ifndef CLIENT_OUT_H
#define CLIENT_OUT_H

#include <stdbool.h>

#include "proto/text.h"

struct out {
    int fd;
    bool is_terminal;
    struct text text;
};

void out_init(struct out *out, int fd);
void out_fini(struct out *out);

/* After an event: writes where it is due. 0, TOCSIN_E_CLOSED when the reader went away, TOCSIN_E_IO or TOCSIN_E_NOMEM.
 */
int out_done(struct out *out);

/* Writes all. Errors as above. */
int out_flush(struct out *out);

/* The exit code for what was returned above: that the reader went away is no failure; all else is said on standard
 * error. To be called before anything else can set errno. */
int out_code(int error);

/* Writes a line to standard output; its exit code, as out_code. */
int out_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether the reader of a pipe went away while nothing was written. */
bool out_is_abandoned(const struct out *out);

#endif
