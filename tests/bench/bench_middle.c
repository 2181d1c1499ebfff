#include "tests/bench/bench_middle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define PATH_LEN_MAX   256
#define START_TRIES    15000
#define START_PAUSE_NS 2000000

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void bind_socket(void *socket, const char *dir, const char *name)
{
    static const int none = 0;
    static const int hwm = MIDDLE_HWM_FRAMES;
    char endpoint[PATH_LEN_MAX];
    char path[PATH_LEN_MAX];
    size_t size = sizeof endpoint;
    if (!socket || zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none) != 0 ||
        zmq_setsockopt(socket, ZMQ_SNDHWM, strcmp(name, "ingest") == 0 ? &none : &hwm, sizeof none) != 0 ||
        zmq_bind(socket, "tcp://127.0.0.1:*") != 0 || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        fail("the forwarder's socket");
    snprintf(path, sizeof path, "%s/ports", dir);
    FILE *file = fopen(path, "a");
    if (!file || fprintf(file, "%s=%s\n", name, endpoint) < 0 || fclose(file) != 0)
        fail("the forwarder's ports");
}

static void forward(const struct server *server)
{
    void *zmq = zmq_ctx_new();
    void *ingest = zmq_socket(zmq, ZMQ_SUB);
    void *live = zmq_socket(zmq, ZMQ_PUB);
    zmq_setsockopt(ingest, ZMQ_SUBSCRIBE, "", 0);
    bind_socket(ingest, server->dir, "ingest");
    bind_socket(live, server->dir, "live");
    zmq_proxy(ingest, live, NULL);
}

static void take_endpoint(char *line, const char *name, char *endpoint, size_t size)
{
    size_t len = strlen(name);
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, name, len) == 0 && line[len] == '=')
        snprintf(endpoint, size, "%s", line + len + 1);
}

/* True when the file tells the last of the endpoints, "live" of the forwarder as of the broker. */
static bool read_ports(struct middle *middle, const char *path)
{
    char line[PATH_LEN_MAX];
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        take_endpoint(line, "ingest", middle->ingest, sizeof middle->ingest);
        take_endpoint(line, "append", middle->append, sizeof middle->append);
        take_endpoint(line, "live", middle->live, sizeof middle->live);
        take_endpoint(line, "stream", middle->stream, sizeof middle->stream);
    }
    fclose(file);
    return middle->live[0] != '\0';
}

static void await_ports(struct middle *middle)
{
    static const struct timespec pause = {.tv_nsec = START_PAUSE_NS};
    char path[PATH_LEN_MAX];
    snprintf(path, sizeof path, "%s/ports", middle->server.dir);
    for (int tries = 0; tries < START_TRIES; tries++) {
        if (read_ports(middle, path))
            return;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "what stands in the middle does not start\n");
    exit(1);
}

void middle_start_forwarder(struct middle *middle)
{
    *middle = (struct middle){0};
    server_prepare(&middle->server);
    server_fork(&middle->server, forward);
    await_ports(middle);
}

/* $TOCSIND may name another one than that of this build, to be compared with it. */
static const char *program(void)
{
    const char *given = getenv("TOCSIND");
    return given ? given : TOCSIND;
}

static void start(struct middle *middle, const char *sync, const char *log_dir)
{
    static const char any[] = "tcp://127.0.0.1:*";
    char ports[PATH_LEN_MAX];
    char hwm[16];
    snprintf(ports, sizeof ports, "%s/ports", middle->server.dir);
    snprintf(hwm, sizeof hwm, "%d", MIDDLE_HWM_FRAMES);
    const char *const words[] = {
        program(), "--log-dir",  log_dir, "--ports-file", ports,     "--sync",   sync, "--ingest",
        any,       "--live",     any,     "--append",     any,       "--stream", any,  "--http",
        "none",    "--live-hwm", hwm,     "--log-level",  "warning", NULL};
    server_run(&middle->server, words);
    await_ports(middle);
}

void middle_start_broker(struct middle *middle, const char *sync)
{
    char log_dir[PATH_LEN_MAX];
    *middle = (struct middle){0};
    server_prepare(&middle->server);
    snprintf(log_dir, sizeof log_dir, "%s/log", middle->server.dir);
    start(middle, sync, log_dir);
}

void middle_start_broker_on(struct middle *middle, const char *sync, const char *log_dir)
{
    *middle = (struct middle){0};
    server_prepare(&middle->server);
    start(middle, sync, log_dir);
}
