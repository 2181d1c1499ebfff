/* How far one is, on a terminal: one line on standard error, drawn a few times a second. */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/text.h"

struct progress {
    bool is_shown; /* standard error is a terminal, and nobody asked for quiet */
    bool is_drawn;
    int64_t begun_us;
    int64_t drawn_us;
};

void progress_begin(struct progress *progress, bool is_quiet);

/* Draws when it is time to: `done` of `total` (0: not known), and how many events that are. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t events);

/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
