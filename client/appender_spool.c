/* The spool of an appender: all that is not settled is there, in order; as much of it as has room is in the queue
 * too, from where it is sent. What came while the queue was full, or in an earlier life, is fetched when there is
 * room. Nothing is sent before it is on the disk: else a power cut could take its number back, the next event would
 * get it, and the broker would take that for a repetition. */
#include "client/appender.h"

#include <time.h>

#define SPOOL_BYTES_DEFAULT ((uint64_t)256 * 1024 * 1024)

uint64_t appender_next_n(const struct tocsin_appender *appender)
{
    return appender->has_spool ? appender->spool.next_n : appender->queue.next_n;
}

void appender_spool_tell(struct tocsin_appender *appender)
{
    char text[SPOOL_FAULT_MAX];
    pthread_mutex_lock(&appender->lock);
    memcpy(text, appender->spool.fault, sizeof text);
    appender->spool.fault[0] = '\0';
    pthread_mutex_unlock(&appender->lock);
    if (*text && appender->options.on_trouble)
        appender->options.on_trouble(appender->options.context, text);
}

int appender_spool_open(struct tocsin_appender *appender)
{
    const struct tocsin_appender_options *options = &appender->options;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t clock_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    uint64_t limit_bytes = options->spool_bytes ? options->spool_bytes : SPOOL_BYTES_DEFAULT;
    appender->has_spool = true;
    int error = spool_open(&appender->spool, options->spool_dir, appender->producer, limit_bytes, clock_us);
    appender_spool_tell(appender);
    if (error)
        return error;
    append_queue_jump(&appender->queue, appender->spool.first_n);
    appender->sent_n = appender->told_n = appender->spool.first_n - 1;
    appender->counts.recovered = appender->spool.next_n - appender->spool.first_n;
    return TOCSIN_OK;
}

int appender_spool_put(struct tocsin_appender *appender, struct span event)
{
    struct append_queue *queue = &appender->queue;
    uint64_t n = appender->spool.next_n;
    int error = spool_put(&appender->spool, event);
    if (error == TOCSIN_E_IO)
        appender->error = error;
    if (error || queue->next_n < n)
        return error;
    /* all before it is in the queue */
    if (!append_queue_fits(queue, event.len) || !append_queue_add(queue, event))
        spool_read_from_last(&appender->spool);
    return TOCSIN_OK;
}

void appender_spool_settle(struct tocsin_appender *appender, uint64_t n)
{
    struct append_queue *queue = &appender->queue;
    uint64_t last_n = appender->spool.next_n - 1;
    n = n < last_n ? n : last_n;
    if (n >= queue->next_n)
        append_queue_jump(queue, n + 1); /* the broker has more than is in memory */
    spool_settle(&appender->spool, queue->first_n - 1);
}

static int force_to_disk(struct tocsin_appender *appender)
{
    struct spool_sync sync;
    pthread_mutex_lock(&appender->lock);
    bool is_due = spool_sync_begin(&appender->spool, &sync);
    pthread_mutex_unlock(&appender->lock);
    if (!is_due)
        return TOCSIN_OK;
    int result = spool_sync_run(&sync);
    pthread_mutex_lock(&appender->lock);
    int error = spool_sync_end(&appender->spool, &sync, result);
    pthread_cond_broadcast(&appender->changed);
    pthread_mutex_unlock(&appender->lock);
    return error;
}

static bool has_to_fetch(const struct tocsin_appender *appender)
{
    return appender->queue.next_n < appender->spool.next_n && append_queue_fits(&appender->queue, 1);
}

/* Puts what was fetched into the queue, until that is full; the lock is held. */
static int take_fetched(struct tocsin_appender *appender)
{
    struct spool_record record;
    int error = TOCSIN_OK;
    while (!error && has_to_fetch(appender)) {
        error = spool_read_next(&appender->spool, &record);
        if (!error && record.n == appender->queue.next_n && !append_queue_add(&appender->queue, record.event))
            error = TOCSIN_E_NOMEM;
    }
    return error == TOCSIN_E_END ? TOCSIN_OK : error;
}

static int fetch(struct tocsin_appender *appender)
{
    struct spool_fetch fetch;
    pthread_mutex_lock(&appender->lock);
    bool is_due = has_to_fetch(appender);
    int error = is_due ? spool_read_begin(&appender->spool, appender->queue.next_n, &fetch) : TOCSIN_OK;
    pthread_mutex_unlock(&appender->lock);
    if (is_due && !error)
        error = spool_read_run(&appender->spool, &fetch);
    pthread_mutex_lock(&appender->lock);
    if (is_due && !error)
        error = take_fetched(appender);
    pthread_mutex_unlock(&appender->lock);
    return error;
}

int appender_spool_work(struct tocsin_appender *appender)
{
    int error = force_to_disk(appender);
    int fetch_error = fetch(appender);
    appender_spool_tell(appender);
    return fetch_error ? fetch_error : error;
}

bool appender_spool_is_due(const struct tocsin_appender *appender)
{
    const struct spool *spool = &appender->spool;
    return !spool->is_broken && (spool->synced_n + 1 < spool->next_n || has_to_fetch(appender));
}
