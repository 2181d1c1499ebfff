/* The sink's thread that looks for the broker, and what the appender's threads tell. */
#include <signal.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/sink.h"

/* How long one attempt to find the broker takes. */
#define ATTEMPT_MS 1000

void sink_wake(struct sink *sink)
{
    uint64_t one = 1;
    ssize_t written = write(sink->wake.fd, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

/* In the appender's thread, as the next one. */
static void on_settled(void *context, const struct tocsin_receipt *receipt)
{
    (void)receipt;
    sink_wake(context);
}

static void on_refused(void *context, const struct tocsin_rejection *rejection)
{
    struct sink *sink = context;
    pthread_mutex_lock(&sink->lock);
    sink->refused_n[sink->refused_count++ % SINK_REFUSED_MAX] = rejection->n;
    pthread_mutex_unlock(&sink->lock);
    counts_complain(sink->counts, COUNT_REFUSED_BROKER, 1, "the broker refused an event: %s %s (%s)",
                    *rejection->field ? rejection->field : "it", rejection->text, rejection->code);
}

static void on_trouble(void *context, const char *text)
{
    struct sink *sink = context;
    atomic_store(&sink->is_spool_told, true);
    complain("--spool: %s", text);
}

static int open_appender(struct sink *sink, struct tocsin_appender **appender)
{
    struct tocsin_appender_options options = {
        .producer = sink->settings.producer,
        .first_n = sink->settings.first_n,
        .append = sink->settings.where->endpoint,
        .curve = where_curve(sink->settings.where),
        .connect_timeout_ms = ATTEMPT_MS,
        .send_timeout_ms = TOCSIN_NOWAIT,
        .close_timeout_ms = TOCSIN_NOWAIT,
        .queue_bytes = sink->settings.queue_bytes,
        .spool_dir = sink->settings.spool_dir,
        .on_settled = on_settled,
        .on_refused = on_refused,
        .on_trouble = on_trouble,
        .context = sink,
    };
    return tocsin_appender_open(appender, &options);
}

static bool is_ending(struct sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    bool ending = sink->is_ending;
    pthread_mutex_unlock(&sink->lock);
    return ending;
}

/* The thread that looks for the broker. */
static void *find(void *context)
{
    struct sink *sink = context;
    int64_t begun_us = clock_now_us();
    bool is_told = false;
    struct tocsin_appender *appender = NULL;
    int error = open_appender(sink, &appender);
    while (error == TOCSIN_E_UNREACHABLE && !is_ending(sink)) {
        if (!is_told && clock_now_us() - begun_us >= (int64_t)sink->settings.where->timeout_ms * 1000) {
            complain("no broker answers at %s; going on, and trying again", sink->settings.where->endpoint);
            is_told = true;
        }
        error = open_appender(sink, &appender);
    }
    if (is_told && !error)
        complain("connected to %s", sink->settings.where->endpoint);
    pthread_mutex_lock(&sink->lock);
    sink->found = appender;
    sink->find_error = error == TOCSIN_E_UNREACHABLE ? TOCSIN_OK : error;
    pthread_mutex_unlock(&sink->lock);
    sink_wake(sink);
    return NULL;
}

/* With a spool there is nothing to wait for, and nothing may wait outside of it. Signals belong to the loop's thread. */
bool sink_find(struct sink *sink)
{
    if (sink->settings.spool_dir) {
        sink->find_error = open_appender(sink, &sink->appender);
        sink_wake(sink);
        return true;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    sink->has_thread = pthread_create(&sink->thread, NULL, find, sink) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return sink->has_thread;
}
