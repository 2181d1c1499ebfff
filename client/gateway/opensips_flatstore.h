/* Files of event_flatstore, followed: each record once, over rotations and restarts. */
#ifndef CLIENT_GATEWAY_OPENSIPS_FLATSTORE_H
#define CLIENT_GATEWAY_OPENSIPS_FLATSTORE_H

#include "client/gateway/follow.h"
#include "client/gateway/opensips.h"
#include "client/gateway/refusal.h"

struct opensips_flatstore {
    struct opensips *opensips; /* NULL: not begun */
    struct follow_store *store;
    struct follow follow;
    struct refusal refusal;
    struct text document;
    char *dir;
    char *base;
    bool is_refused; /* the record under way is; its event was not taken yet */
};

/* Begins to follow `path` and what it is renamed to, in the same folder, with the store's state; the gateway's sink was
 * opened with the store's numbers. Complains and returns false when out of memory; opensips_flatstore_close is due then
 * too. */
bool opensips_flatstore_begin(struct opensips_flatstore *flatstore, struct opensips *opensips,
                              struct follow_store *store, const char *path, bool from_start, bool is_once);

/* There is room in the queue again, or something was settled. */
void opensips_flatstore_resume(struct opensips_flatstore *flatstore);

/* Keeps what is acknowledged, and ends. True when all could be read. */
bool opensips_flatstore_close(struct opensips_flatstore *flatstore);

#endif
