/* JSON Lines: each line an event, as `tocsin sub -o json` and the audit log have it. */
#ifndef CLIENT_GATEWAY_JSON_LINES_H
#define CLIENT_GATEWAY_JSON_LINES_H

#include "client/gateway/gateway.h"

struct json_lines {
    struct gateway *gateway;
    /* Takes a line that holds something, `where` names it for people; TOCSIN_E_FULL: not now. NULL: the line is an event
     * as it stands. */
    int (*put)(void *context, struct span line, const char *where);
    void *context;
    bool is_skipping; /* the rest of a line that is too long */
    uint64_t line;    /* of the one taken last, from 1 */
};

/* Takes lines from the start of `bytes`; at the end also one without LF. Returns how many bytes are done with.
 * `*is_full`: the sink takes no more now. `name` names the input for people. */
size_t json_lines_take(struct json_lines *lines, struct span bytes, bool is_end, const char *name, bool *is_full);

#endif
