#include "broker/descriptors.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/log.h"

/* What the broker keeps for itself beside what it has open: the log's files, those that readers open, HTTP. */
#define OWN_SHARE 8
#define OWN_MIN   32
#define OWN_MAX   1024

/* What it opens later and closes again, and answers of HTTP: connections are counted by their descriptors. */
#define OWN_LATER 16

/* As many must be free again before the doors open. */
#define MARGIN_SHARE 32

/* The lowest that is free; the limit when none is. */
static int lowest_free(const struct descriptors *descriptors)
{
    int fd = dup(STDERR_FILENO);
    if (fd < 0)
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC); /* there need not be a stderr */
    if (fd < 0)
        return descriptors->limit;
    close(fd);
    return fd;
}

static bool is_listener(const struct descriptors *descriptors, int fd)
{
    int is_listening = 0;
    socklen_t len = sizeof is_listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) == 0 && is_listening &&
           connections_door_of(descriptors->doors, fd);
}

void descriptors_init(struct descriptors *descriptors, const struct door *const *doors, size_t most)
{
    struct rlimit rlimit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &rlimit);
    *descriptors = (struct descriptors){.doors = doors};
    descriptors->limit = rlimit.rlim_cur < (1 << 24) ? (int)rlimit.rlim_cur : 1 << 24;
    int first = lowest_free(descriptors), own = descriptors->limit / OWN_SHARE;
    own = own < OWN_MIN ? OWN_MIN : own > OWN_MAX ? OWN_MAX : own;
    descriptors->end = descriptors->limit - own;
    if (descriptors->end <= first)
        descriptors->end = first + 1;
    if ((size_t)(descriptors->end - first) > most + OWN_LATER)
        descriptors->end = first + OWN_LATER + (int)most;
    for (int fd = 0; fd < first && descriptors->listener_count < CONNECTIONS_DOORS; fd++) {
        if (is_listener(descriptors, fd))
            descriptors->listeners[descriptors->listener_count++] = fd;
    }
}

size_t descriptors_room(const struct descriptors *descriptors)
{
    return (size_t)(descriptors->end - lowest_free(descriptors));
}

bool descriptors_are_few(const struct descriptors *descriptors)
{
    return descriptors->is_full || lowest_free(descriptors) > descriptors->end / 4 * 3;
}

/* With the filter a listening socket sees no packet: who connects tries again until it is gone. Who is there is not
 * touched by it. */
static void shut_doors(const struct descriptors *descriptors, bool is_shut)
{
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = 1, .filter = nothing};
    int none = 0;
    for (size_t i = 0; i < descriptors->listener_count; i++) {
        int fd = descriptors->listeners[i];
        int result = is_shut ? setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)
                             : setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
        if (result != 0)
            log_debug("a door cannot be %s", is_shut ? "shut" : "opened again");
    }
}

/* The lowest that is free is given, so behind a long gap there is nothing. */
static void end_those_beyond(struct descriptors *descriptors)
{
    for (int fd = descriptors->end, gap = 0; fd < descriptors->limit && gap < OWN_MAX; fd++, gap++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        gap = 0;
        if (!connections_door_of(descriptors->doors, fd) || is_listener(descriptors, fd))
            continue;
        connections_put_address(fd, descriptors->address, sizeof descriptors->address);
        descriptors->shut += door_end_connection(fd);
    }
}

bool descriptors_look(struct descriptors *descriptors)
{
    int lowest = lowest_free(descriptors);
    int margin = (descriptors->end / MARGIN_SHARE) + 1;
    bool was_full = descriptors->is_full;
    descriptors->shut = 0;
    if (lowest >= descriptors->end)
        descriptors->is_full = true;
    else if (lowest < descriptors->end - margin)
        descriptors->is_full = false;
    if (was_full != descriptors->is_full)
        shut_doors(descriptors, descriptors->is_full);
    if (descriptors->is_full)
        end_those_beyond(descriptors);
    return was_full != descriptors->is_full || descriptors->shut > 0;
}
