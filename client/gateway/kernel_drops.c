#include "client/gateway/kernel_drops.h"

#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Columns of /proc/net/udp, from 0, where addresses with their ports are one, and so are pairs like tx_queue:rx_queue. */
#define COLUMN_INODE 9
#define COLUMN_DROPS 12

static const char *column(const char *line, unsigned wanted)
{
    for (unsigned i = 0;; i++) {
        line += strspn(line, " \t");
        if (i == wanted || *line == '\0')
            return line;
        line += strcspn(line, " \t");
    }
}

/* Looks the socket up in one table of /proc/net, by its inode. */
static bool find_in_table(const char *table, uint64_t inode, uint64_t *drops)
{
    FILE *file = fopen(table, "re");
    if (!file)
        return false;
    char line[512];
    bool is_found = false;
    while (!is_found && fgets(line, sizeof line, file)) {
        is_found = strtoull(column(line, COLUMN_INODE), NULL, 10) == inode;
        if (is_found)
            *drops = strtoull(column(line, COLUMN_DROPS), NULL, 10);
    }
    fclose(file);
    return is_found;
}

bool kernel_drops_read(int fd, uint64_t *drops)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && (find_in_table("/proc/self/net/udp", status.st_ino, drops) ||
                                    find_in_table("/proc/self/net/udp6", status.st_ino, drops)))
        return true;
    uint32_t memory[SK_MEMINFO_VARS];
    socklen_t len = sizeof memory;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) < 0 || len <= SK_MEMINFO_DROPS * sizeof *memory)
        return false;
    *drops = memory[SK_MEMINFO_DROPS];
    return true;
}
