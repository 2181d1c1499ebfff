/* Tells when something happens in a directory (inotify); where the system cannot, nothing is told, and the caller looks
 * every so often. */
#ifndef CLIENT_GATEWAY_OME_WATCH_H
#define CLIENT_GATEWAY_OME_WATCH_H

#include "client/gateway/loop.h"

struct ome_watch {
    struct loop_watch watch;
    struct loop *loop;
    const char *dir;
    int directory; /* inotify's number for it; -1: it is not watched */
    uint64_t device;
    uint64_t inode;
    void (*changed)(void *context,
                    bool is_writing_only); /* only writing to a file, nothing came, went or was renamed */
    void *context;
};

/* Never fails; ome_watch_renew begins to watch as soon as the directory is there. */
void ome_watch_open(struct ome_watch *watch, struct loop *loop, const char *dir,
                    void (*changed)(void *context, bool is_writing_only), void *context);

/* Watches the directory that bears the name now. True when one is watched. */
bool ome_watch_renew(struct ome_watch *watch);

void ome_watch_close(struct ome_watch *watch);

#endif
