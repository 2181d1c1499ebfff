#include "tests/bench/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

void *child_share(size_t size)
{
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("shared memory");
    return shared;
}

pid_t child_start(void (*body)(void *shared), void *shared)
{
    fflush(NULL); /* or the child would write it again */
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body(shared);
        fflush(NULL);
        _exit(0);
    }
    return child;
}

bool child_wait(pid_t child)
{
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool child_run(void (*body)(void *shared), void *shared)
{
    return child_wait(child_start(body, shared));
}
