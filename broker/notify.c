#include "broker/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* A word that is lost is never said again: a service manager that is busy is waited for, though not for ever. */
#define PATIENCE_S 5

/* The address's length; 0 when it is none. */
static socklen_t read_address(struct sockaddr_un *to, const char *address)
{
    const size_t len = strlen(address);
    if (len < 2 || len >= sizeof to->sun_path || (address[0] != '/' && address[0] != '@'))
        return 0;
    to->sun_family = AF_UNIX;
    memcpy(to->sun_path, address, len);
    if (address[0] == '@')
        to->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

int notify_send(const char *address, const char *state)
{
    if (!address || !*address)
        return 0;
    struct sockaddr_un to = {0};
    const socklen_t to_len = read_address(&to, address);
    if (to_len == 0)
        return -EINVAL;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, to_len);
    const int error = sent < 0 ? -errno : 0;
    close(fd);
    return error;
}
