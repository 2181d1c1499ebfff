/* What part of the log a command is to tell: --since, --until, --seq, --last, --all, --latest, --cursor, --follow. */
#ifndef CLIENT_PAST_OPTIONS_H
#define CLIENT_PAST_OPTIONS_H

#include <stdint.h>

#include "client/options.h"
#include "client/tocsin_stream.h"

struct past_options {
    bool is_asked; /* any of them was given */
    enum tocsin_from from;
    uint64_t from_value;
    bool latest;
    bool follows;
    uint64_t last_count; /* begin with the last so many that match; 0: as `from` says */
    uint64_t until_us;   /* end behind what was received then; UINT64_MAX: without end */
    uint64_t until_seq;  /* the same by seq; found with last_count */
    char *cursor_path;   /* owned; NULL: none */
};

/* Complains about a wrong value and returns false; past_options_fini is due in any case. */
bool past_options_read(struct past_options *past, const struct options *options);
void past_options_fini(struct past_options *past);

/* Whether the message, an EVENT, is behind the end. */
bool past_is_over(const struct past_options *past, const struct tocsin_message *message);

#endif
