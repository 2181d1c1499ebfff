#include "broker/retention.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/clock.h"
#include "broker/log.h"
#include "broker/retention_reserve.h"
#include "broker/retention_work.h"
#include "proto/tocsin_base.h"

#define LOOK_MS  5000 /* between two looks at the directory when there is nothing to do */
#define TOLD_MS  10   /* between two looks whether the journal has told */
#define NICENESS 19

struct retention {
    struct retention_options options;
    struct retention_work work;
    const struct disk *disk;
    int dir;
    int stop_fd;
    atomic_bool must_stop;
    pthread_t thread;
};

static bool must_stop(void *arg)
{
    return atomic_load(&((struct retention *)arg)->must_stop);
}

/* True when the broker is stopping. */
static bool wait_ms(struct retention *retention, int timeout_ms)
{
    struct pollfd stop = {.fd = retention->stop_fd, .events = POLLIN};
    poll(&stop, 1, timeout_ms);
    return must_stop(retention);
}

/* Asks the journal, and waits until it has answered; what it cannot tell, for want of room, it tells later, and until
 * then nothing is removed. */
static bool tell(void *arg, const struct pruned *pruned)
{
    struct retention *retention = arg;
    struct pruned_feed *feed = retention->options.pruned;
    struct pruned *asked = ring_reserve(feed->ring, sizeof *asked);
    if (asked == NULL)
        return false;
    uint64_t count = atomic_load(&feed->answered);
    *asked = *pruned;
    ring_commit(feed->ring, sizeof *asked);
    ring_flush(feed->ring);
    while (atomic_load(&feed->answered) == count)
        if (wait_ms(retention, TOLD_MS))
            return false;
    return atomic_load(&feed->told_seq) == pruned->last_seq;
}

static void *run(void *arg)
{
    struct retention *retention = arg;
    setpriority(PRIO_PROCESS, 0, NICENESS); /* on Linux: of this thread alone */
    while (!must_stop(retention)) {
        enum retention_outcome outcome = retention_work_step(&retention->work, clock_wall_us(), clock_monotonic_us());
        if (outcome != RETENTION_DONE)
            wait_ms(retention, LOOK_MS);
    }
    return NULL;
}

struct retention *retention_new(const struct retention_options *options)
{
    struct retention *retention = calloc(1, sizeof *retention);
    if (retention == NULL)
        return NULL;
    retention->options = *options;
    retention->disk = options->disk == NULL ? &disk_real : options->disk;
    retention->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    retention->dir = retention->disk->open_dir(retention->disk, options->log_dir);
    retention_work_init(&retention->work, retention->disk, retention->dir, options->log_id, options->stats);
    retention->work.limits = options->limits;
    retention->work.pack.level = options->level;
    retention->work.pack.must_stop = must_stop;
    retention->work.pack.arg = retention->work.arg = retention;
    retention->work.tell = tell;
    if (retention->stop_fd < 0 || retention->dir < 0)
        retention_free(&retention);
    else
        retention_reserve_begin(&retention->work);
    return retention;
}

void retention_free(struct retention **retention)
{
    if (*retention == NULL)
        return;
    retention_work_fini(&(*retention)->work);
    if ((*retention)->dir >= 0)
        (*retention)->disk->close((*retention)->disk, (*retention)->dir);
    if ((*retention)->stop_fd >= 0)
        close((*retention)->stop_fd);
    free(*retention);
    *retention = NULL;
}

int retention_start(struct retention *retention)
{
    return pthread_create(&retention->thread, NULL, run, retention) == 0 ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

void retention_stop(struct retention *retention)
{
    uint64_t one = 1;
    atomic_store(&retention->must_stop, true);
    ssize_t written = write(retention->stop_fd, &one, sizeof one);
    (void)written;
    pthread_join(retention->thread, NULL);
}
