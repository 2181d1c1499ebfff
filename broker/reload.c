#include "broker/reload.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool reload_init(struct reload *reload)
{
    *reload = (struct reload){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    pthread_mutex_init(&reload->lock, NULL);
    return reload->fd >= 0;
}

void reload_fini(struct reload *reload)
{
    if (reload->fd >= 0)
        close(reload->fd);
    pthread_mutex_destroy(&reload->lock);
}

uint64_t reload_ask(struct reload *reload)
{
    uint64_t one = 1;
    pthread_mutex_lock(&reload->lock);
    uint64_t number = ++reload->asked;
    pthread_mutex_unlock(&reload->lock);
    ssize_t written = write(reload->fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable too */
    return number;
}

uint64_t reload_begin(struct reload *reload)
{
    uint64_t count;
    ssize_t got = read(reload->fd, &count, sizeof count);
    (void)got; /* a signal asked for it */
    pthread_mutex_lock(&reload->lock);
    uint64_t begun = reload->asked;
    pthread_mutex_unlock(&reload->lock);
    return begun;
}

void reload_end(struct reload *reload, uint64_t begun, uint64_t keys, struct span error)
{
    size_t len = error.len < RELOAD_ERROR_MAX ? error.len : RELOAD_ERROR_MAX;
    pthread_mutex_lock(&reload->lock);
    reload->done = begun;
    reload->result.keys = keys;
    if (len > 0)
        memcpy(reload->result.error, error.data, len);
    reload->result.error[len] = '\0';
    pthread_mutex_unlock(&reload->lock);
}

bool reload_take(struct reload *reload, uint64_t number, struct reload_result *result)
{
    pthread_mutex_lock(&reload->lock);
    bool is_done = reload->done >= number;
    if (is_done)
        *result = reload->result;
    pthread_mutex_unlock(&reload->lock);
    return is_done;
}
