/* Programs: without a shell, in a process group of their own, with the body as a file on standard input. What they say
 * goes to our standard error. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/alert/attempt.h"
#include "client/complain.h"
#include "client/write_all.h"

#define TIMEOUT_US    INT64_C(30000000)
#define ARGUMENTS_MAX 64

/* A file in memory that holds the body. */
static int open_body(const struct attempt *attempt)
{
    int fd = memfd_create("alert", MFD_CLOEXEC);
    if (fd >= 0 && (!write_all(fd, text_span(&attempt->body)) || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int spawn(struct attempt *attempt, char **arguments, int fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int error = posix_spawn(&attempt->pid, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error)
        attempt->pid = 0;
    return error;
}

bool attempt_start_program(struct attempt *attempt, int64_t now_us)
{
    char *arguments[ARGUMENTS_MAX + 1] = {NULL}, *word;
    size_t count = 0;
    char *copied = strdup(attempt->lane->target->options[TARGET_OPTION_COMMAND_PROGRAM]), *rest = copied;
    int fd = open_body(attempt), error = copied && fd >= 0 ? 0 : ENOMEM;
    while (!error && count < ARGUMENTS_MAX && (word = strsep(&rest, " ")) != NULL) {
        if (*word)
            arguments[count++] = word;
    }
    if (!error)
        error = count > 0 ? spawn(attempt, arguments, fd) : ENOENT;
    if (fd >= 0)
        close(fd);
    free(copied);
    attempt->deadline_us = now_us + TIMEOUT_US;
    if (error)
        complain("receiver %s: the program cannot be started: %s", attempt->lane->receiver->name, strerror(error));
    return error == 0;
}

bool attempt_has_ended(struct attempt *attempt, int64_t now_us, enum attempt_end *end)
{
    int status;
    pid_t pid = waitpid(attempt->pid, &status, WNOHANG);
    if (pid == 0) {
        if (now_us >= attempt->deadline_us)
            kill(-attempt->pid, SIGKILL);
        return false;
    }
    bool is_done = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    attempt->pid = 0;
    *end = is_done ? ATTEMPT_DONE : ATTEMPT_AGAIN;
    if (!is_done && pid > 0 && WIFEXITED(status))
        snprintf(attempt->reason, ATTEMPT_REASON_MAX, "the program ended with %d", WEXITSTATUS(status));
    else if (!is_done)
        snprintf(attempt->reason, ATTEMPT_REASON_MAX, "the program was killed, or took more than 30 s");
    return true;
}

void attempt_free(struct attempt **self)
{
    struct attempt *attempt = *self;
    if (!attempt)
        return;
    if (attempt->pid > 0) {
        kill(-attempt->pid, SIGKILL);
        waitpid(attempt->pid, NULL, 0);
    }
    if (attempt->easy)
        curl_easy_cleanup(attempt->easy);
    curl_slist_free_all(attempt->headers);
    curl_slist_free_all(attempt->addresses);
    text_fini(&attempt->body);
    free(attempt);
    *self = NULL;
}
