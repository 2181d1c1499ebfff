/* Tells when something happens in a directory (inotify); where the system cannot, nothing is told, and the caller looks
 * every so often. */
#ifndef CLIENT_GATEWAY_FOLLOW_WATCH_H
#define CLIENT_GATEWAY_FOLLOW_WATCH_H

#include "client/gateway/loop.h"

struct follow_watch {
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

/* Never fails; follow_watch_renew begins to watch as soon as the directory is there. */
void follow_watch_open(struct follow_watch *watch, struct loop *loop, const char *dir,
                       void (*changed)(void *context, bool is_writing_only), void *context);

/* Watches the directory that bears the name now. True when one is watched. */
bool follow_watch_renew(struct follow_watch *watch);

void follow_watch_close(struct follow_watch *watch);

#endif
