/* Whole lines, or items of several lines, of a file that is still being written, in bounded memory. */
#ifndef CLIENT_GATEWAY_FOLLOW_READER_H
#define CLIENT_GATEWAY_FOLLOW_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/text.h"

enum follow_begin { FOLLOW_BEGIN_NO, FOLLOW_BEGIN_YES, FOLLOW_BEGIN_OPEN /* when more is there it can be told */ };

/* What a file consists of. An item goes from the beginning of a line to the LF before the next item; where that has not
 * begun yet, to an LF at the file's end when nothing was written for a while. */
struct follow_form {
    enum follow_begin (*begins)(struct span bytes); /* whether an item begins with these; NULL: with every line */
    int64_t rest_ns;                                /* how long a while is */
};

struct follow_reader {
    struct follow_form form;
    int fd;           /* borrowed; -1: none */
    size_t line_max;  /* bytes of a line that are kept */
    uint64_t offset;  /* where the next line begins */
    struct text held; /* what was read from there on; of a line that is too long its beginning */
    size_t searched;  /* bytes of it that hold no end of a line */
    uint64_t passed;  /* bytes behind the first line_max held ones that were read and let go: such a line's */
};

struct follow_reader_line {
    struct span text; /* without the LF; cut to line_max bytes; borrowed until the next call */
    uint64_t offset;  /* of its first byte in the file */
    uint64_t len;     /* with what was cut off, without the LF */
};

void follow_reader_init(struct follow_reader *reader, const struct follow_form *form, size_t line_max);
void follow_reader_fini(struct follow_reader *reader);

/* Begins anew in another file, or at another place. */
void follow_reader_begin(struct follow_reader *reader, int fd, uint64_t offset);

/* The line at reader->offset, which stays there until follow_reader_take. TOCSIN_E_END: none is complete; what there is
 * without an LF stays in the file. TOCSIN_E_IO with errno; TOCSIN_E_NOMEM. */
int follow_reader_peek(struct follow_reader *reader, struct follow_reader_line *line);

/* As follow_reader_peek, and what is before `end` is a line also without an LF. */
int follow_reader_peek_rest(struct follow_reader *reader, uint64_t end, struct follow_reader_line *line);

/* Goes on behind a line that was peeked at. */
void follow_reader_take(struct follow_reader *reader, const struct follow_reader_line *line);

#endif
