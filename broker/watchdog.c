#include "broker/watchdog.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/stats.h"

/* What counts as growing, and what makes a connection worth ending, since the last look. */
#define GROWTH_MIN  (4u << 20)
#define BROUGHT_MIN (1u << 20)

void watchdog_init(struct watchdog *watchdog, uint64_t limit_bytes, const struct door *const doors[WATCHDOG_DOORS])
{
    *watchdog = (struct watchdog){.limit_bytes = limit_bytes};
    for (size_t i = 0; i < WATCHDOG_DOORS; i++)
        watchdog->doors[i] = doors[i];
}

void watchdog_fini(struct watchdog *watchdog)
{
    free(watchdog->seen);
    *watchdog = (struct watchdog){.limit_bytes = 0};
}

static unsigned port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    return address->ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)address)->sin6_port) : 0;
}

/* The door that a connected socket came in by; NULL: by none. */
static const struct door *door_of(const struct watchdog *watchdog, int fd)
{
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC}, other = {.ss_family = AF_UNSPEC};
    socklen_t own_len = sizeof own, other_len = sizeof other;
    if (getpeername(fd, (struct sockaddr *)&other, &other_len) != 0 ||
        getsockname(fd, (struct sockaddr *)&own, &own_len) != 0)
        return NULL;
    unsigned port = port_of(&own);
    for (size_t i = 0; i < WATCHDOG_DOORS && port > 0; i++) {
        const char *colon = strrchr(watchdog->doors[i]->endpoint, ':');
        if (watchdog->doors[i]->socket && strncmp(watchdog->doors[i]->endpoint, "tcp://", 6) == 0 && colon &&
            strtoul(colon + 1, NULL, 10) == port)
            return watchdog->doors[i];
    }
    return NULL;
}

static bool bytes_of(int fd, uint64_t *bytes)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return false;
    *bytes = info.tcpi_bytes_received;
    return true;
}

static struct watchdog_seen *seen_at(struct watchdog *watchdog, int fd)
{
    size_t index = (size_t)fd;
    if (index >= watchdog->seen_count) {
        size_t count = 2 * index + 64;
        struct watchdog_seen *seen = realloc(watchdog->seen, count * sizeof *seen);
        if (!seen)
            return NULL;
        memset(seen + watchdog->seen_count, 0, (count - watchdog->seen_count) * sizeof *seen);
        watchdog->seen = seen;
        watchdog->seen_count = count;
    }
    return &watchdog->seen[index];
}

/* How much the connection has brought since the last look; the first time nothing is known. */
static uint64_t look_at(struct watchdog *watchdog, int fd)
{
    struct stat stat;
    uint64_t bytes;
    struct watchdog_seen *seen = seen_at(watchdog, fd);
    if (!seen || fstat(fd, &stat) != 0 || !bytes_of(fd, &bytes))
        return 0;
    bool is_known = seen->inode == (uint64_t)stat.st_ino;
    uint64_t brought = is_known && bytes > seen->bytes ? bytes - seen->bytes : 0;
    *seen = (struct watchdog_seen){(uint64_t)stat.st_ino, bytes};
    return brought;
}

static void put_address(int fd, char *out, size_t size)
{
    struct sockaddr_storage other = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof other;
    out[0] = '\0';
    if (getpeername(fd, (struct sockaddr *)&other, &len) != 0)
        return;
    const void *address = other.ss_family == AF_INET ? (const void *)&((struct sockaddr_in *)&other)->sin_addr
                                                     : (const void *)&((struct sockaddr_in6 *)&other)->sin6_addr;
    inet_ntop(other.ss_family, address, out, (socklen_t)size);
}

/* All connections at the doors; the one that brought most goes to `victim`, and a descriptor of our own for it is
 * returned, so that it cannot become another one meanwhile. -1: none brought much. */
static int find_worst(struct watchdog *watchdog, struct watchdog_victim *victim)
{
    int worst = -1;
    DIR *directory = opendir("/proc/self/fd");
    *victim = (struct watchdog_victim){.bytes = BROUGHT_MIN};
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        const struct door *door = entry->d_name[0] == '.' ? NULL : door_of(watchdog, fd);
        uint64_t brought = door ? look_at(watchdog, fd) : 0;
        if (brought <= victim->bytes)
            continue;
        if (worst >= 0)
            close(worst);
        worst = dup(fd);
        victim->door = door;
        victim->bytes = brought;
    }
    if (directory)
        closedir(directory);
    return worst;
}

/* From half of the limit on it is known what each connection brings, so that above it the right one is met at once. */
bool watchdog_look(struct watchdog *watchdog, struct watchdog_victim *victim)
{
    uint64_t before = watchdog->resident_bytes;
    uint64_t resident = stats_resident_bytes();
    if (resident > watchdog->limit_bytes) {
        malloc_trim(0); /* what is free already is nobody's fault */
        resident = stats_resident_bytes();
    }
    watchdog->resident_bytes = resident;
    if (resident <= watchdog->limit_bytes / 2)
        return false;
    int fd = find_worst(watchdog, victim);
    if (fd < 0)
        return false;
    bool is_ended =
        before > 0 && resident > before + GROWTH_MIN && resident > watchdog->limit_bytes && door_end_connection(fd);
    if (is_ended)
        put_address(fd, victim->address, sizeof victim->address);
    close(fd);
    return is_ended;
}
