#include "broker/syncer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct syncer {
    pthread_t thread;
    bool has_thread;
    int begin_fd;
    int done_fd;
    void (*work)(void *arg); /* NULL: nothing is under way; the thread, when it is woken, ends */
    void *arg;
    atomic_bool is_done;
};

static void raise_fd(int fd)
{
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void)written; /* a full counter is readable too */
}

static void await_fd(int fd)
{
    uint64_t count;
    struct pollfd event = {.fd = fd, .events = POLLIN};
    while (read(fd, &count, sizeof count) < 0 && (errno == EAGAIN || errno == EINTR))
        poll(&event, 1, -1);
}

static void *run(void *arg)
{
    struct syncer *syncer = arg;
    for (;;) {
        await_fd(syncer->begin_fd);
        if (!syncer->work)
            return NULL;
        syncer->work(syncer->arg);
        atomic_store(&syncer->is_done, true);
        raise_fd(syncer->done_fd);
    }
}

struct syncer *syncer_new(void)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    if (!syncer)
        return NULL;
    syncer->begin_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    syncer->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    syncer->has_thread =
        syncer->begin_fd >= 0 && syncer->done_fd >= 0 && pthread_create(&syncer->thread, NULL, run, syncer) == 0;
    if (!syncer->has_thread)
        syncer_free(&syncer);
    return syncer;
}

void syncer_free(struct syncer **self)
{
    struct syncer *syncer = *self;
    if (!syncer)
        return;
    if (syncer->has_thread) {
        if (syncer->work)
            syncer_wait(syncer);
        raise_fd(syncer->begin_fd);
        pthread_join(syncer->thread, NULL);
    }
    if (syncer->begin_fd >= 0)
        close(syncer->begin_fd);
    if (syncer->done_fd >= 0)
        close(syncer->done_fd);
    free(syncer);
    *self = NULL;
}

void syncer_begin(struct syncer *syncer, void (*work)(void *arg), void *arg)
{
    syncer->work = work;
    syncer->arg = arg;
    raise_fd(syncer->begin_fd);
}

bool syncer_is_done(const struct syncer *syncer)
{
    return atomic_load(&syncer->is_done);
}

int syncer_fd(const struct syncer *syncer)
{
    return syncer->done_fd;
}

void syncer_wait(struct syncer *syncer)
{
    await_fd(syncer->done_fd);
    atomic_store(&syncer->is_done, false);
    syncer->work = NULL;
}
