#include "client/gateway/unix_path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/complain.h"

static bool refuse(const char *text, const char *reason)
{
    complain("cannot listen at unix:%s: %s", text, reason);
    return false;
}

/* Whether somebody has the socket open; any doubt counts as yes. */
static bool is_answered(const struct sockaddr_un *address, int type)
{
    int probe = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return true;
    bool is_dead = connect(probe, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
    close(probe);
    return !is_dead;
}

/* Removes a socket that a process left behind. */
static bool clear(const struct sockaddr_un *address, const char *text, int type)
{
    struct stat status;
    if (lstat(text, &status) < 0)
        return errno == ENOENT || refuse(text, strerror(errno));
    if (!S_ISSOCK(status.st_mode))
        return refuse(text, "something that is no socket is there");
    if (is_answered(address, type))
        return refuse(text, "another process uses it");
    return unlink(text) == 0 || refuse(text, strerror(errno));
}

bool unix_path_bind(struct unix_path *path, const char *text, int fd, int type, mode_t mode)
{
    memset(path, 0, sizeof *path);
    path->address.sun_family = AF_UNIX;
    strncpy(path->address.sun_path, text, sizeof path->address.sun_path - 1);
    if (!clear(&path->address, text, type))
        return false;
    mode_t before = umask(0777 & ~mode); /* so that nobody else gets in between bind and chmod */
    int bound = bind(fd, (const struct sockaddr *)&path->address, sizeof path->address);
    umask(before);
    struct stat status;
    if (bound < 0 || chmod(text, mode) < 0 || lstat(text, &status) < 0)
        return refuse(text, strerror(errno));
    path->device = status.st_dev;
    path->inode = status.st_ino;
    path->is_bound = true;
    return true;
}

void unix_path_remove(struct unix_path *path)
{
    struct stat status;
    if (path->is_bound && lstat(path->address.sun_path, &status) == 0 && status.st_dev == path->device &&
        status.st_ino == path->inode)
        unlink(path->address.sun_path);
    path->is_bound = false;
}
