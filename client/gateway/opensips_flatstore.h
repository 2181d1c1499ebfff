/* Files of event_flatstore, followed. */
#ifndef CLIENT_GATEWAY_OPENSIPS_FLATSTORE_H
#define CLIENT_GATEWAY_OPENSIPS_FLATSTORE_H

#include "client/gateway/opensips.h"
#include "client/gateway/tail.h"

struct opensips_flatstore {
    struct opensips *opensips;
    struct tail tail;
    struct text document;
    bool is_skipping; /* the rest of a record that is too long */
};

/* Begins to follow `path`, which is borrowed; opensips_flatstore_close is due. */
void opensips_flatstore_begin(struct opensips_flatstore *flatstore, struct opensips *opensips, const char *path,
                              bool from_start);

/* There is room in the queue again. */
void opensips_flatstore_resume(struct opensips_flatstore *flatstore);

/* Takes what is there, because no more is to be waited for. */
void opensips_flatstore_finish(struct opensips_flatstore *flatstore);

void opensips_flatstore_close(struct opensips_flatstore *flatstore);

#endif
