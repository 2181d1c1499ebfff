/* A file that another process appends to, followed by its name as `tail -F` does: through renames, new files of the name and
 * truncation. Looked at a few times a second. */
#ifndef CLIENT_GATEWAY_TAIL_H
#define CLIENT_GATEWAY_TAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/gateway/loop.h"
#include "proto/span.h"
#include "proto/text.h"

struct tail {
    const char *path;
    struct loop_timer timer;
    int fd; /* -1: there is no such file now */
    uint64_t offset;
    dev_t device;
    ino_t inode;
    bool is_resting; /* nothing new came since the last look */
    bool is_told;    /* that it cannot be opened */
    struct text bytes;
    /* Takes what it can from the start of what was read and not taken yet; returns how many bytes are done with.
     * `is_rest`: for now there is no more behind them, for at least one look. `is_full` on return: nothing is read until
     * tail_look is called. */
    size_t (*take)(void *context, struct span bytes, bool is_rest, bool *is_full);
    void *context;
    bool is_full;
};

/* Begins, at the end of the file or at its start; a file that is not there yet is read from its start. False when out of
 * memory; tail_close is due in any case. */
void tail_begin(struct tail *tail, struct loop *loop, const char *path, bool from_start,
                size_t (*take)(void *context, struct span bytes, bool is_rest, bool *is_full), void *context);

/* Reads what is there now. */
void tail_look(struct tail *tail);

void tail_close(struct tail *tail);

#endif
