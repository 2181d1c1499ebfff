/* Runs the real command line `tocsin` (TOCSIN_CLI) and keeps what it said. */
#ifndef TEST_CLIENT_RUN_H
#define TEST_CLIENT_RUN_H

#include "test_client_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_WAIT_MS 20000

struct run {
    pid_t pid;
    FILE *out; /* files, so that nothing waits for us to read */
    FILE *err;
    char *out_text;
    char *err_text;
};

/* The child's environment: nothing of ours but what it needs, and `extra`. */
static inline char **run_environment(const char *extra)
{
    static char *environment[8];
    size_t count = 0;
    environment[count++] = "PATH=/usr/bin:/bin";
    environment[count++] = "TZ=UTC";
    environment[count++] = "TERM=xterm";
    environment[count++] = "LC_ALL=C.UTF-8";
    if (getenv("ASAN_OPTIONS"))
        environment[count++] = getenv("ASAN_OPTIONS") - strlen("ASAN_OPTIONS=");
    if (extra)
        environment[count++] = (char *)(uintptr_t)extra;
    environment[count] = NULL;
    return environment;
}

#define RUN_CLOSED (-2)

/* Starts tocsin with `arguments`; `in` and `out` are descriptors for its standard input and output, -1: nothing, and a
 * file; RUN_CLOSED: no output at all. */
static inline struct run run_start(const char *const *arguments, const char *extra, int in, int out)
{
    struct run run = {.out = tmpfile(), .err = tmpfile()};
    char *argv[32] = {TOCSIN_CLI};
    for (size_t i = 0; arguments[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (out == RUN_CLOSED)
        posix_spawn_file_actions_addclose(&actions, STDOUT_FILENO);
    else
        posix_spawn_file_actions_adddup2(&actions, out >= 0 ? out : fileno(run.out), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(run.err), STDERR_FILENO);
    assert_int_equal(posix_spawn(&run.pid, TOCSIN_CLI, &actions, NULL, argv, run_environment(extra)), 0);
    posix_spawn_file_actions_destroy(&actions);
    return run;
}

static inline char *run_text_of(FILE *file)
{
    fseek(file, 0, SEEK_END);
    long len = ftell(file);
    char *text = calloc(1, (size_t)len + 1);
    assert_non_null(text);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)len, file), len);
    fclose(file);
    return text;
}

/* Waits for its end, while `socket` (NULL: none) takes part in ZeroMQ's work: a bound SUB answers newcomers only so.
 * What comes in is appended to `taken`. Returns the exit code, or minus the signal. */
static inline int run_wait_serving(struct run *run, void *socket, struct text *taken)
{
    int status = 0;
    pid_t ended = 0;
    for (int waited_ms = 0; ended == 0 && waited_ms < RUN_WAIT_MS; waited_ms += 2) {
        while (socket ? peer_wait(socket, 2) : (zmq_poll(NULL, 0, 2), false)) {
            zmq_msg_t message;
            zmq_msg_init(&message);
            zmq_msg_recv(&message, socket, 0);
            if (taken)
                text_put(taken, zmq_msg_data(&message), zmq_msg_size(&message));
            zmq_msg_close(&message);
        }
        ended = waitpid(run->pid, &status, WNOHANG);
    }
    if (ended == 0) {
        kill(run->pid, SIGKILL);
        waitpid(run->pid, &status, 0);
    }
    run->out_text = run_text_of(run->out);
    run->err_text = run_text_of(run->err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline int run_wait(struct run *run)
{
    return run_wait_serving(run, NULL, NULL);
}

static inline void run_fini(struct run *run)
{
    free(run->out_text);
    free(run->err_text);
}

#define RUN_ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Runs to the end without a broker, and compares the exit code; where `said` is given it must be in what went to
 * standard error, and standard output must be empty. */
static inline void assert_run(const char *const *arguments, const char *extra, int code, const char *said)
{
    struct run run = run_start(arguments, extra, -1, -1);
    int got = run_wait(&run);
    if (got != code)
        fail_msg("%s %s: ended with %d, not %d: %s", arguments[0], arguments[1] ? arguments[1] : "", got, code,
                 run.err_text);
    if (said) {
        if (!strstr(run.err_text, said))
            fail_msg("said \"%s\", not \"%s\"", run.err_text, said);
        assert_string_equal(run.out_text, "");
    }
    run_fini(&run);
}

#endif
