/* Which file is read next. */
#ifndef CLIENT_GATEWAY_FOLLOW_PICK_H
#define CLIENT_GATEWAY_FOLLOW_PICK_H

#include "client/gateway/follow_reader.h"
#include "client/gateway/follow_scan.h"

struct follow_pick {
    size_t index;
    uint64_t end; /* what is before it is a line though it has no LF; 0: whole lines only */
};

/* Finds the first file, in the order of their names, that has a line behind its mark, the current one aside. A last line
 * without LF counts where it will not get one: a later file has begun, and `now_ns` (since 1970) is a minute or more
 * behind the last change. A line stands for an item of `form`. The file is open then. False: there is none. */
bool follow_pick_next(struct follow_scan *scan, struct follow_state *state, const struct follow_form *form,
                      int64_t now_ns, struct follow_pick *pick);

/* How many bytes of files are not read: lines that are not complete. */
uint64_t follow_pick_left(const struct follow_state *state);

#endif
