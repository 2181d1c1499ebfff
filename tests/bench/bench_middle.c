#include "tests/bench/bench_middle.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define PATH_LEN_MAX   256
#define START_TRIES    3000
#define START_PAUSE_NS 10000000

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void *bound_socket(void *zmq, int type, char *endpoint, size_t size)
{
    static const int none = 0;
    static const int hwm = MIDDLE_HWM_FRAMES;
    void *socket = zmq_socket(zmq, type);
    if (!socket || zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none) != 0 ||
        zmq_setsockopt(socket, ZMQ_SNDHWM, type == ZMQ_SUB ? &none : &hwm, sizeof none) != 0 ||
        zmq_bind(socket, "tcp://127.0.0.1:*") != 0 || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        fail("the forwarder's socket");
    return socket;
}

static void forward(int out)
{
    struct middle self = {0};
    void *zmq = zmq_ctx_new();
    void *ingest = bound_socket(zmq, ZMQ_SUB, self.ingest, sizeof self.ingest);
    void *live = bound_socket(zmq, ZMQ_PUB, self.live, sizeof self.live);
    zmq_setsockopt(ingest, ZMQ_SUBSCRIBE, "", 0);
    if (write(out, &self, sizeof self) != (ssize_t)sizeof self)
        fail("the forwarder's pipe");
    zmq_proxy(ingest, live, NULL);
    _exit(1);
}

/* A child that does not outlive us. */
static pid_t fork_child(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

void middle_start_forwarder(struct middle *middle)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("pipe");
    pid_t pid = fork_child();
    if (pid == 0)
        forward(ends[1]);
    if (read(ends[0], middle, sizeof *middle) != (ssize_t)sizeof *middle)
        fail("the forwarder");
    middle->pid = pid;
    close(ends[0]);
    close(ends[1]);
}

static bool read_ports(struct middle *middle, const char *path)
{
    char line[PATH_LEN_MAX];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "ingest=", 7) == 0)
            snprintf(middle->ingest, sizeof middle->ingest, "%s", line + 7);
        else if (strncmp(line, "live=", 5) == 0)
            snprintf(middle->live, sizeof middle->live, "%s", line + 5);
    }
    fclose(file);
    return true;
}

static void make_dir(struct middle *middle)
{
    const char *parent = getenv("TMPDIR");
    *middle = (struct middle){0};
    int len = snprintf(middle->dir, sizeof middle->dir, "%s/tocsin-bench-XXXXXX", parent ? parent : "/tmp");
    if (len >= (int)sizeof middle->dir || !mkdtemp(middle->dir))
        fail("a directory in $TMPDIR");
}

void middle_start_broker(struct middle *middle, const char *sync)
{
    char log_dir[PATH_LEN_MAX];
    char ports[PATH_LEN_MAX];
    char hwm[16];
    make_dir(middle);
    snprintf(log_dir, sizeof log_dir, "%s/log", middle->dir);
    snprintf(ports, sizeof ports, "%s/ports", middle->dir);
    snprintf(hwm, sizeof hwm, "%d", MIDDLE_HWM_FRAMES);
    middle->pid = fork_child();
    if (middle->pid == 0) {
        execl(TOCSIND, TOCSIND, "--log-dir", log_dir, "--ports-file", ports, "--sync", sync, "--ingest",
              "tcp://127.0.0.1:*", "--live", "tcp://127.0.0.1:*", "--append", "none", "--stream", "none", "--http",
              "none", "--live-hwm", hwm, "--log-level", "warning", (char *)NULL);
        fail(TOCSIND);
    }
    static const struct timespec pause = {.tv_nsec = START_PAUSE_NS};
    for (int tries = 0; tries < START_TRIES; tries++) {
        if (read_ports(middle, ports))
            return;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "tocsind does not start\n");
    exit(1);
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *at)
{
    (void)stat;
    (void)type;
    (void)at;
    return remove(path);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

bool middle_stop(struct middle *middle, double *cpu_s)
{
    int status;
    struct rusage usage = {0};
    bool has_dir = middle->dir[0] != '\0';
    kill(middle->pid, SIGTERM);
    bool is_well = wait4(middle->pid, &status, 0, &usage) == middle->pid;
    /* the forwarder knows no other end */
    is_well = is_well && (has_dir ? WIFEXITED(status) && WEXITSTATUS(status) == 0 : WIFSIGNALED(status));
    *cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    if (has_dir)
        nftw(middle->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return is_well;
}
