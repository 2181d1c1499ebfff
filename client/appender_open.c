/* Opening and closing an appender. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client/appender.h"
#include "client/clock.h"
#include "client/context.h"

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
    pthread_cond_init(&appender->roused, &attributes);
    pthread_condattr_destroy(&attributes);
    appender->can_lend = !options->spool_dir && !options->on_settled && !options->on_refused;
    append_queue_init(&appender->queue, 1, appender->options.queue_bytes);
    text_init(&appender->out);
}

/* 0, or what is wrong with the spool. */
static int fini(struct tocsin_appender *appender)
{
    if (appender->has_thread) {
        pthread_mutex_lock(&appender->lock);
        appender->is_closing = true;
        appender_wake(appender);
        pthread_mutex_unlock(&appender->lock);
        pthread_join(appender->thread, NULL);
    }
    int error = appender->has_spool ? spool_close(&appender->spool) : TOCSIN_OK;
    context_release(appender->context, appender->options.zmq_context);
    if (appender->wake_fd >= 0)
        close(appender->wake_fd);
    append_queue_fini(&appender->queue);
    text_fini(&appender->out);
    curve_forget(&appender->curve);
    pthread_cond_destroy(&appender->changed);
    pthread_cond_destroy(&appender->roused);
    pthread_mutex_destroy(&appender->lock);
    free(appender);
    return error;
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
        is_in_time = appender_wait_change(appender, deadline_us);
    int error = appender->error ? appender->error : appender->is_welcome ? TOCSIN_OK : TOCSIN_E_UNREACHABLE;
    pthread_mutex_unlock(&appender->lock);
    return error;
}

int tocsin_appender_open(struct tocsin_appender **out, const struct tocsin_appender_options *options)
{
    if (!out)
        return TOCSIN_E_INVALID;
    *out = NULL;
    if (!options || !appender_is_producer(options->producer) || options->first_n > INT64_MAX ||
        (options->first_n > 0 && options->spool_dir) || (!options->spool_dir && options->spool_syncs_each))
        return TOCSIN_E_INVALID;
    struct tocsin_appender *appender = calloc(1, sizeof *appender);
    if (!appender)
        return TOCSIN_E_NOMEM;
    init(appender, options);
    appender->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = endpoint_choose(options->append, options->server, ENDPOINT_APPEND, appender->endpoint);
    if (!error)
        error = curve_take(&appender->curve, options->curve);
    appender->context = error ? NULL : context_acquire(options->zmq_context);
    if (!error && (!appender->context || appender->wake_fd < 0))
        error = TOCSIN_E_NOMEM;
    if (!error && options->spool_dir)
        error = appender_spool_open(appender);
    if (!error)
        error = start_thread(appender);
    if (!error && !options->spool_dir)
        error = wait_welcome(appender);
    if (error)
        fini(appender);
    else
        *out = appender;
    return error;
}

int tocsin_appender_close(struct tocsin_appender **handle, uint64_t *unsettled)
{
    if (unsettled)
        *unsettled = 0;
    if (!handle || !*handle)
        return TOCSIN_OK;
    struct tocsin_appender *appender = *handle;
    int error = tocsin_appender_flush(appender, appender->options.close_timeout_ms);
    if (error == TOCSIN_E_TIMEOUT && appender->has_spool)
        error = TOCSIN_OK; /* it keeps them */
    pthread_mutex_lock(&appender->lock);
    if (unsettled)
        *unsettled = appender_next_n(appender) - appender->queue.first_n;
    pthread_mutex_unlock(&appender->lock);
    int of_spool = fini(appender);
    *handle = NULL;
    return error ? error : of_spool;
}
