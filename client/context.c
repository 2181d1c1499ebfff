#include "client/context.h"

#include <errno.h>
#include <pthread.h>
#include <zmq.h>

static struct {
    pthread_mutex_t lock;
    void *context;
    unsigned users;
} shared = {PTHREAD_MUTEX_INITIALIZER, NULL, 0};

void *context_acquire(void *own)
{
    if (own)
        return own;
    pthread_mutex_lock(&shared.lock);
    if (shared.users == 0)
        shared.context = zmq_ctx_new();
    void *context = shared.context;
    if (context)
        shared.users++;
    pthread_mutex_unlock(&shared.lock);
    return context;
}

void context_release(void *context, void *own)
{
    if (own || !context)
        return;
    pthread_mutex_lock(&shared.lock);
    void *last = NULL;
    if (--shared.users == 0) {
        last = shared.context;
        shared.context = NULL;
    }
    pthread_mutex_unlock(&shared.lock);
    /* Outside the lock: it may take the linger. Signals interrupt it; it is to be called again then. */
    while (last && zmq_ctx_term(last) != 0 && zmq_errno() == EINTR)
        continue;
}
