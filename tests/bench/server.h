/* A server that is measured: a process of its own, a directory of its own, both gone when it is stopped. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    int port;      /* one that was free a moment ago */
    char dir[128]; /* for its files; "": none was made */
};

struct server_usage {
    double cpu_s;     /* processor time of all its threads */
    double memory_mb; /* resident */
};

/* A port of 127.0.0.1 that is free at this moment. Ends the program when there is none. */
int server_free_port(void);

/* Makes the directory, in $TMPDIR, and finds a port. Ends the program when there is none. */
void server_prepare(struct server *server);

/* Runs the program `words` (ended by NULL, found through PATH), whose output goes to DIR/output. It dies with us. */
void server_run(struct server *server, const char *const *words);

/* Runs `body` in a child instead of a program; it may not return. */
void server_fork(struct server *server, void (*body)(const struct server *server));

/* Waits until 127.0.0.1:port takes connections; false when the process ended before, or after half a minute. */
bool server_await_port(const struct server *server);

/* True when a program of this name is found through PATH, or in /usr/sbin. */
bool server_exists(const char *program);

/* What the process has used up to now. */
struct server_usage server_usage(const struct server *server);

/* Stops it by SIGTERM, after ten seconds by SIGKILL, and removes its directory. `cpu_s` (may be NULL): of all its life.
 * True when it was still there and ended by exit code 0, or by the signal. */
bool server_stop(struct server *server, double *cpu_s);

/* Waits until it ends by itself; true when by exit code 0. The directory stays. */
bool server_ended_well(const struct server *server);

/* Removes the directory of one that was only prepared. */
void server_remove(const struct server *server);

#endif
