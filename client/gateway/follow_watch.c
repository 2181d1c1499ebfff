#include "client/gateway/follow_watch.h"

#include <stddef.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM 16384

/* What was told. False where nothing is there any more. */
static bool take(struct follow_watch *watch, bool *is_writing_only)
{
    char room[ROOM] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t len = read(watch->watch.fd, room, sizeof room);
    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const struct inotify_event *)(room + at);
        if (event->mask != IN_MODIFY)
            *is_writing_only = false;
        if (event->mask & IN_IGNORED && event->wd == watch->directory)
            watch->directory = -1;
        at += (ssize_t)(sizeof *event + event->len);
    }
    return len > 0;
}

static void ready(struct loop_watch *loop_watch, uint32_t events)
{
    (void)events;
    struct follow_watch *watch = (struct follow_watch *)((char *)loop_watch - offsetof(struct follow_watch, watch));
    bool is_writing_only = true;
    while (take(watch, &is_writing_only)) {
    }
    watch->changed(watch->context, is_writing_only);
}

void follow_watch_open(struct follow_watch *watch, struct loop *loop, const char *dir,
                       void (*changed)(void *context, bool is_writing_only), void *context)
{
    *watch = (struct follow_watch){.watch = {inotify_init1(IN_NONBLOCK | IN_CLOEXEC), ready}, .loop = loop, .dir = dir};
    watch->directory = -1;
    watch->changed = changed;
    watch->context = context;
    if (watch->watch.fd >= 0 && !loop_add(loop, &watch->watch, EPOLLIN)) {
        close(watch->watch.fd);
        watch->watch.fd = -1;
    }
    follow_watch_renew(watch);
}

bool follow_watch_renew(struct follow_watch *watch)
{
    struct stat status;
    if (watch->watch.fd < 0 || stat(watch->dir, &status) != 0)
        return false;
    if (watch->directory >= 0 && watch->device == status.st_dev && watch->inode == status.st_ino)
        return true;
    if (watch->directory >= 0)
        inotify_rm_watch(watch->watch.fd, watch->directory);
    watch->device = status.st_dev;
    watch->inode = status.st_ino;
    watch->directory = inotify_add_watch(watch->watch.fd, watch->dir,
                                         IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
    return watch->directory >= 0;
}

void follow_watch_close(struct follow_watch *watch)
{
    if (watch->watch.fd < 0)
        return;
    loop_remove(watch->loop, &watch->watch);
    close(watch->watch.fd);
    watch->watch.fd = -1;
}
