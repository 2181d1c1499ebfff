#include "tests/bench/bench_threads.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of /proc/self/task/TID/NAME; "" when there is none. */
static void read_line(char line[128], const char *tid, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/%s", tid, name);
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    if (!file)
        return;
    if (!fgets(line, 128, file))
        line[0] = '\0';
    fclose(file);
}

double bench_other_threads_cpu_s(void)
{
    char line[128];
    double sum = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return 0;
    for (const struct dirent *task; (task = readdir(tasks));) {
        if (task->d_name[0] == '.' || strtol(task->d_name, NULL, 10) == getpid())
            continue;
        read_line(line, task->d_name, "comm");
        if (strncmp(line, "ZMQ", 3) == 0)
            continue;
        read_line(line, task->d_name, "schedstat"); /* nanoseconds first */
        sum += strtod(line, NULL) / 1e9;
    }
    closedir(tasks);
    return sum;
}
