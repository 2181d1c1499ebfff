#include "tests/bench/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_TRIES 3000
#define STOP_TRIES  1000
#define PAUSE_NS    10000000

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void rest(void)
{
    static const struct timespec pause = {.tv_nsec = PAUSE_NS};
    nanosleep(&pause, NULL);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

int server_free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        fail("a free port");
    close(fd);
    return ntohs(address.sin_port);
}

void server_prepare(struct server *server)
{
    const char *parent = getenv("TMPDIR");
    *server = (struct server){.port = server_free_port()};
    int len = snprintf(server->dir, sizeof server->dir, "%s/tocsin-bench-XXXXXX", parent ? parent : "/tmp");
    if (len >= (int)sizeof server->dir || !mkdtemp(server->dir))
        fail("a directory in $TMPDIR");
}

/* A child that does not outlive us. */
static bool is_child(struct server *server)
{
    fflush(stdout);
    server->pid = fork();
    if (server->pid < 0)
        fail("fork");
    if (server->pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return server->pid == 0;
}

void server_fork(struct server *server, void (*body)(const struct server *server))
{
    if (!is_child(server))
        return;
    body(server);
    _exit(1);
}

void server_run(struct server *server, const char *const *words)
{
    char path[sizeof server->dir + 8];
    if (!is_child(server))
        return;
    snprintf(path, sizeof path, "%s/output", server->dir);
    int output = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (output < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(1);
    execvp(words[0], (char *const *)words);
    char sbin[128];
    snprintf(sbin, sizeof sbin, "/usr/sbin/%s", words[0]);
    execv(sbin, (char *const *)words);
    _exit(1);
}

bool server_await_port(const struct server *server)
{
    struct sockaddr_in address = loopback(server->port);
    for (int tries = 0; tries < START_TRIES; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_there = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (is_there)
            return true;
        siginfo_t ended = {0};
        if (waitid(P_PID, (id_t)server->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != 0)
            return false;
        rest();
    }
    return false;
}

bool server_exists(const char *program)
{
    char path[256];
    const char *from = getenv("PATH");
    while (from && *from) {
        size_t len = strcspn(from, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)len, from, program);
        if (access(path, X_OK) == 0)
            return true;
        from += len + (from[len] == ':');
    }
    snprintf(path, sizeof path, "/usr/sbin/%s", program);
    return access(path, X_OK) == 0;
}

struct server_usage server_usage(const struct server *server)
{
    char path[64];
    char text[1024] = "";
    unsigned long user = 0;
    unsigned long system = 0;
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)server->pid);
    FILE *file = fopen(path, "r");
    if (file) {
        size_t len = fread(text, 1, sizeof text - 1, file);
        text[len] = '\0';
        fclose(file);
    }
    /* behind the name, which may hold anything; proc(5) has the fields */
    const char *fields = strrchr(text, ')');
    if (!fields ||
        sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
               &user, &system, &pages) != 3)
        return (struct server_usage){0};
    return (struct server_usage){(double)(user + system) / (double)sysconf(_SC_CLK_TCK),
                                 (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6};
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *at)
{
    (void)stat;
    (void)type;
    (void)at;
    return remove(path);
}

bool server_ended_well(const struct server *server)
{
    int status;
    return waitpid(server->pid, &status, 0) == server->pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void server_remove(const struct server *server)
{
    if (server->dir[0] != '\0')
        nftw(server->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* A deadline, so that a server that will not end does not hold up the table. */
static pid_t wait_or_kill(pid_t pid, int *status, struct rusage *usage)
{
    for (int tries = 0; tries < STOP_TRIES; tries++) {
        pid_t ended = wait4(pid, status, WNOHANG, usage);
        if (ended != 0)
            return ended;
        rest();
    }
    kill(pid, SIGKILL);
    return wait4(pid, status, 0, usage);
}

bool server_stop(struct server *server, double *cpu_s)
{
    int status;
    struct rusage usage = {0};
    kill(server->pid, SIGTERM);
    bool is_well = wait_or_kill(server->pid, &status, &usage) == server->pid &&
                   (WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGTERM);
    if (cpu_s)
        *cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    server_remove(server);
    return is_well;
}
