#include "broker/cpu_wait.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Three numbers, the second of them is meant (Documentation/scheduler/sched-stats.rst). */
#define LINE_MAX_BYTES 80

static uint64_t read_ns(const struct cpu_wait *wait)
{
    char line[LINE_MAX_BYTES];
    ssize_t len = wait->fd < 0 ? -1 : pread(wait->fd, line, sizeof line - 1, 0);
    if (len <= 0)
        return 0;
    line[len] = '\0';
    unsigned long long ran_ns, waited_ns;
    return sscanf(line, "%llu %llu", &ran_ns, &waited_ns) == 2 ? waited_ns : 0;
}

void cpu_wait_open(struct cpu_wait *wait)
{
    wait->fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    wait->told_ns = read_ns(wait);
}

void cpu_wait_close(struct cpu_wait *wait)
{
    if (wait->fd >= 0)
        close(wait->fd);
    wait->fd = -1;
}

uint64_t cpu_wait_take_us(struct cpu_wait *wait)
{
    uint64_t ns = read_ns(wait);
    uint64_t waited_ns = ns > wait->told_ns ? ns - wait->told_ns : 0;
    wait->told_ns = ns;
    return waited_ns / 1000;
}
