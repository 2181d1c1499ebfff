/* The appender: a queue of unsettled events, and a thread with a DEALER socket that sends them and takes the answers.
 *
 * The happy path: opening waits for the broker's welcome, which tells the producer's last number. An event is judged
 * and put into the queue; the thread puts it on the wire while the window has room; the acknowledgement takes it out.
 *
 * What can fail: the connection breaks, the broker restarts, is busy or its disk is full: the thread says hello anew on
 * a new socket (appender_session.c) and sends what is unsettled again; the broker knows what it has. The queue is full:
 * tocsin_append waits, then fails. A newer incarnation came: the handle is dead. With a spool (appender_spool.c) events
 * go through a file, and opening waits for nothing. */
#include "client/appender.h"

#include <unistd.h>

#include "client/clock.h"
#include "client/event_compose.h"

void appender_wake(struct tocsin_appender *appender)
{
    if (appender->holder == APPENDER_NOBODY) {
        appender->is_roused = true;
        pthread_cond_signal(&appender->roused);
        return;
    }
    uint64_t one = 1;
    ssize_t written = write(appender->wake_fd, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

bool appender_wait_change(struct tocsin_appender *appender, int64_t deadline_us)
{
    if (deadline_us == CLOCK_NEVER)
        return pthread_cond_wait(&appender->changed, &appender->lock) == 0;
    struct timespec until = {(time_t)(deadline_us / 1000000), (long)(deadline_us % 1000000) * 1000};
    return pthread_cond_timedwait(&appender->changed, &appender->lock, &until) == 0;
}

bool appender_is_empty(const struct tocsin_appender *appender)
{
    return appender->queue.first_n == appender->queue.next_n;
}

static bool has_room(const struct tocsin_appender *appender, size_t len)
{
    return appender->has_spool ? spool_fits(&appender->spool, len) : append_queue_fits(&appender->queue, len);
}

/* Takes the event as the next number; one that the broker has already only uses the number up. The lock is held. */
static int take(struct tocsin_appender *appender, struct span event)
{
    if (appender->has_spool)
        return appender_spool_put(appender, event);
    uint64_t n = appender->queue.next_n;
    if (n > appender->last_n)
        return append_queue_add(&appender->queue, event) ? TOCSIN_OK : TOCSIN_E_NOMEM;
    append_queue_jump(&appender->queue, n + 1);
    appender->counts.settled++;
    return TOCSIN_OK;
}

/* Takes the event when there is room for it; the lock is held. */
static int enqueue(struct tocsin_appender *appender, struct span event, uint64_t *n)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), appender->options.send_timeout_ms);
    while (!appender->error && !has_room(appender, event.len)) {
        if (appender->holder == APPENDER_NOBODY)
            appender_wake(appender);
        if (!appender_wait_change(appender, deadline_us))
            return TOCSIN_E_FULL;
    }
    if (appender->error)
        return appender->error;
    int error = take(appender, event);
    if (error)
        return error;
    *n = appender_next_n(appender) - 1;
    appender->counts.appended++;
    return TOCSIN_OK;
}

/* With spool_syncs_each: until event `n` is on the disk; the lock is held. */
static int wait_synced(struct tocsin_appender *appender, uint64_t n)
{
    while (!appender->error && appender->spool.synced_n < n)
        appender_wait_change(appender, CLOCK_NEVER);
    return appender->spool.synced_n < n ? appender->error : TOCSIN_OK;
}

static int append(struct tocsin_appender *appender, struct span event, uint64_t *n)
{
    pthread_mutex_lock(&appender->lock);
    int error = enqueue(appender, event, n);
    if (!error && appender->is_idle && !appender_send_lone(appender)) {
        appender->is_idle = false;
        appender_wake(appender);
    }
    if (!error && appender->options.spool_syncs_each)
        error = wait_synced(appender, *n);
    pthread_mutex_unlock(&appender->lock);
    return error;
}

int tocsin_append(struct tocsin_appender *appender, struct tocsin_event *event, uint64_t *n)
{
    if (!appender || !event)
        return TOCSIN_E_INVALID;
    int error = event_compose_limit(event, appender->options.max_event_bytes);
    struct span bytes = {NULL, 0};
    uint64_t number;
    if (!error)
        error = tocsin_event_encode(event, &bytes.data, &bytes.len);
    if (!error)
        error = append(appender, bytes, n ? n : &number);
    if (error == TOCSIN_E_IO || error == TOCSIN_E_NOSPACE)
        appender_spool_tell(appender);
    return error;
}

/* Until the queue begins behind `n`; the lock is held. */
static int await_settled(struct tocsin_appender *appender, uint64_t n, int64_t deadline_us)
{
    while (n >= appender->queue.first_n) {
        if (appender->error)
            return appender->error;
        if (!appender_borrow(appender, n, deadline_us) && !appender_wait_change(appender, deadline_us))
            return n < appender->queue.first_n ? TOCSIN_OK : TOCSIN_E_TIMEOUT;
    }
    return TOCSIN_OK;
}

static int wait_settled(struct tocsin_appender *appender, uint64_t n, int timeout_ms)
{
    if (n > appender->awaited_n) {
        appender->is_lone = n == appender->awaited_n + 1;
        appender->awaited_n = n;
    }
    appender->waiters++;
    int error = await_settled(appender, n, clock_deadline_us(clock_now_us(), timeout_ms));
    appender->waiters--;
    appender_see_to_rest(appender);
    return error;
}

int tocsin_appender_wait(struct tocsin_appender *appender, uint64_t n, struct tocsin_receipt *receipt, int timeout_ms)
{
    if (!appender || n == 0)
        return TOCSIN_E_INVALID;
    pthread_mutex_lock(&appender->lock);
    int error = n < appender_next_n(appender) ? wait_settled(appender, n, timeout_ms) : TOCSIN_E_INVALID;
    if (!error && receipt)
        *receipt = appender->receipt;
    pthread_mutex_unlock(&appender->lock);
    return error;
}

int tocsin_appender_flush(struct tocsin_appender *appender, int timeout_ms)
{
    if (!appender)
        return TOCSIN_E_INVALID;
    pthread_mutex_lock(&appender->lock);
    int error = wait_settled(appender, appender_next_n(appender) - 1, timeout_ms);
    pthread_mutex_unlock(&appender->lock);
    return error;
}

uint64_t tocsin_appender_last_n(struct tocsin_appender *appender)
{
    pthread_mutex_lock(&appender->lock);
    uint64_t last_n = appender->last_n;
    pthread_mutex_unlock(&appender->lock);
    return last_n;
}

void tocsin_appender_count(struct tocsin_appender *appender, struct tocsin_appender_counts *counts)
{
    pthread_mutex_lock(&appender->lock);
    *counts = appender->counts;
    counts->error = appender->error;
    pthread_mutex_unlock(&appender->lock);
}
