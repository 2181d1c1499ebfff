/* The appender: a queue of unsettled events, and a thread with a DEALER socket that sends them and takes the answers.
 *
 * The happy path: opening waits for the broker's welcome, which tells the producer's last number. An event is judged
 * and put into the queue; the thread puts it on the wire while the window has room; the acknowledgement takes it out.
 *
 * What can fail: the connection breaks, the broker restarts, is busy or its disk is full: the thread says hello anew on
 * a new socket (appender_session.c) and sends what is unsettled again; the broker knows what it has. The queue is full:
 * tocsin_append waits, then fails. A newer incarnation came: the handle is dead. */
#include "client/appender.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/event_compose.h"

#define QUEUE_BYTES_DEFAULT ((size_t)16 * 1024 * 1024)
#define TIMEOUT_DEFAULT_MS  5000

static int timeout_or_default(int timeout_ms)
{
    if (timeout_ms == 0)
        return TIMEOUT_DEFAULT_MS;
    return timeout_ms == TOCSIN_NOWAIT ? 0 : timeout_ms;
}

bool appender_is_producer(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t len = name ? strlen(name) : 0;
    return len > 0 && len <= TOCSIN_PRODUCER_MAX && strspn(name, allowed) == len;
}

static void init(struct tocsin_appender *appender, const struct tocsin_appender_options *options)
{
    appender->options = *options;
    memcpy(appender->producer, options->producer, strlen(options->producer) + 1);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!options->incarnation)
        appender->options.incarnation = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    appender->options.connect_timeout_ms = timeout_or_default(options->connect_timeout_ms);
    appender->options.send_timeout_ms = timeout_or_default(options->send_timeout_ms);
    appender->options.close_timeout_ms = timeout_or_default(options->close_timeout_ms);
    if (!options->queue_bytes)
        appender->options.queue_bytes = QUEUE_BYTES_DEFAULT;
    if (!options->max_event_bytes)
        appender->options.max_event_bytes = TOCSIN_EVENT_BYTES_MAX;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&appender->lock, NULL);
    pthread_cond_init(&appender->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    append_queue_init(&appender->queue, 1, appender->options.queue_bytes);
    text_init(&appender->out);
}

static void wake_thread(struct tocsin_appender *appender)
{
    uint64_t one = 1;
    ssize_t written = write(appender->wake_fd, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

static void fini(struct tocsin_appender *appender)
{
    if (appender->has_thread) {
        pthread_mutex_lock(&appender->lock);
        appender->is_closing = true;
        pthread_mutex_unlock(&appender->lock);
        wake_thread(appender);
        pthread_join(appender->thread, NULL);
    }
    context_release(appender->context, appender->options.zmq_context);
    if (appender->wake_fd >= 0)
        close(appender->wake_fd);
    append_queue_fini(&appender->queue);
    text_fini(&appender->out);
    pthread_cond_destroy(&appender->changed);
    pthread_mutex_destroy(&appender->lock);
    free(appender);
}

/* Waits for a change until the deadline; the lock is held. False at the deadline. */
static bool wait_change(struct tocsin_appender *appender, int64_t deadline_us)
{
    if (deadline_us == CLOCK_NEVER)
        return pthread_cond_wait(&appender->changed, &appender->lock) == 0;
    struct timespec until = {(time_t)(deadline_us / 1000000), (long)(deadline_us % 1000000) * 1000};
    return pthread_cond_timedwait(&appender->changed, &appender->lock, &until) == 0;
}

/* The thread takes no signals: they belong to the program. */
static int start_thread(struct tocsin_appender *appender)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    appender->has_thread = pthread_create(&appender->thread, NULL, appender_run, appender) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return appender->has_thread ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int wait_welcome(struct tocsin_appender *appender)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), appender->options.connect_timeout_ms);
    pthread_mutex_lock(&appender->lock);
    bool is_in_time = true;
    while (!appender->is_welcome && !appender->error && is_in_time)
        is_in_time = wait_change(appender, deadline_us);
    int error = appender->error ? appender->error : appender->is_welcome ? TOCSIN_OK : TOCSIN_E_UNREACHABLE;
    pthread_mutex_unlock(&appender->lock);
    return error;
}

int tocsin_appender_open(struct tocsin_appender **out, const struct tocsin_appender_options *options)
{
    if (!out)
        return TOCSIN_E_INVALID;
    *out = NULL;
    if (!options || !appender_is_producer(options->producer) || options->first_n > INT64_MAX)
        return TOCSIN_E_INVALID;
    struct tocsin_appender *appender = calloc(1, sizeof *appender);
    if (!appender)
        return TOCSIN_E_NOMEM;
    init(appender, options);
    appender->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = endpoint_choose(options->append, options->server, ENDPOINT_APPEND, appender->endpoint);
    appender->context = error ? NULL : context_acquire(options->zmq_context);
    if (!error && (!appender->context || appender->wake_fd < 0))
        error = TOCSIN_E_NOMEM;
    if (!error)
        error = start_thread(appender);
    if (!error)
        error = wait_welcome(appender);
    if (error)
        fini(appender);
    else
        *out = appender;
    return error;
}

/* Puts the event into the queue, waiting for room; one that the broker has already only takes its number. The lock is
 * held. */
static int enqueue(struct tocsin_appender *appender, struct span event, uint64_t *n)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), appender->options.send_timeout_ms);
    while (!appender->error && !append_queue_fits(&appender->queue, event.len)) {
        if (!wait_change(appender, deadline_us))
            return TOCSIN_E_FULL;
    }
    if (appender->error)
        return appender->error;
    uint64_t number = appender->queue.next_n;
    if (number <= appender->last_n) {
        append_queue_skip(&appender->queue);
        appender->counts.settled++;
    } else if (!append_queue_add(&appender->queue, event)) {
        return TOCSIN_E_NOMEM;
    }
    if (n)
        *n = number;
    appender->counts.appended++;
    return TOCSIN_OK;
}

int tocsin_append(struct tocsin_appender *appender, struct tocsin_event *event, uint64_t *n)
{
    if (!appender || !event)
        return TOCSIN_E_INVALID;
    int error = event_compose_limit(event, appender->options.max_event_bytes);
    struct span bytes;
    if (!error)
        error = tocsin_event_encode(event, &bytes.data, &bytes.len);
    if (error)
        return error;
    pthread_mutex_lock(&appender->lock);
    error = enqueue(appender, bytes, n);
    bool must_wake = !error && appender->is_idle;
    if (must_wake)
        appender->is_idle = false;
    pthread_mutex_unlock(&appender->lock);
    if (must_wake)
        wake_thread(appender);
    return error;
}

/* Until the queue begins behind `n`; the lock is held. */
static int wait_settled(struct tocsin_appender *appender, uint64_t n, int timeout_ms)
{
    int64_t deadline_us = clock_deadline_us(clock_now_us(), timeout_ms);
    while (n >= appender->queue.first_n) {
        if (appender->error)
            return appender->error;
        if (!wait_change(appender, deadline_us))
            return n < appender->queue.first_n ? TOCSIN_OK : TOCSIN_E_TIMEOUT;
    }
    return TOCSIN_OK;
}

int tocsin_appender_wait(struct tocsin_appender *appender, uint64_t n, struct tocsin_receipt *receipt, int timeout_ms)
{
    if (!appender || n == 0)
        return TOCSIN_E_INVALID;
    pthread_mutex_lock(&appender->lock);
    int error = n < appender->queue.next_n ? wait_settled(appender, n, timeout_ms) : TOCSIN_E_INVALID;
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
    int error = wait_settled(appender, appender->queue.next_n - 1, timeout_ms);
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
    pthread_mutex_unlock(&appender->lock);
}

int tocsin_appender_close(struct tocsin_appender **appender, uint64_t *unsettled)
{
    if (unsettled)
        *unsettled = 0;
    if (!appender || !*appender)
        return TOCSIN_OK;
    int error = tocsin_appender_flush(*appender, (*appender)->options.close_timeout_ms);
    pthread_mutex_lock(&(*appender)->lock);
    if (unsettled)
        *unsettled = (*appender)->queue.next_n - (*appender)->queue.first_n;
    pthread_mutex_unlock(&(*appender)->lock);
    fini(*appender);
    *appender = NULL;
    return error;
}
