#include "client/write_all.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static bool wait_writable(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    return poll(&item, 1, -1) > 0 || errno == EINTR;
}

bool write_all(int fd, struct span bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t len = write(fd, bytes.data + at, bytes.len - at);
        if (len < 0 && errno != EINTR && !(errno == EAGAIN && wait_writable(fd)))
            return false;
        at += len > 0 ? (size_t)len : 0;
    }
    return true;
}
