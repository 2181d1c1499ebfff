#include "client/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught;

/* A second signal of the kind ends the process as if nobody had asked. */
static void note(int signal)
{
    caught = signal;
}

void signals_catch(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

int signals_caught(void)
{
    return caught;
}
