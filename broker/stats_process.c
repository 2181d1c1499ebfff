/* What the operating system knows of this process. */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/stats.h"

static uint64_t timeval_us(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* Memory that the process has. */
static uint64_t read_resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %20llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_fds(void)
{
    uint64_t count = 0;
    DIR *const directory = opendir("/proc/self/fd");
    if (!directory)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count - 1; /* the one that looked */
}

struct stats_process stats_process_read(const struct stats *stats, uint64_t now_us)
{
    struct stats_process process = {.uptime_us = now_us - stats->started_us};
    struct rusage usage;
    struct rlimit files;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        process.cpu_us = timeval_us(usage.ru_utime) + timeval_us(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        process.max_fds = files.rlim_cur;
    process.resident_bytes = read_resident_bytes();
    process.open_fds = open_fds();
    return process;
}
