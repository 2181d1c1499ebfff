/* The sink: redacts, judges, appends.
 *
 * The happy path: a thread opens the appender and ends; what came before waits in a queue of our own and goes first.
 * Then events go straight into the appender, whose thread calls on_settled, which wakes the loop.
 *
 * What can fail: the broker is not there (the queue fills, then the sink is full); an event breaks a rule (refused,
 * counted, told); a newer process uses the producer's name (dead: the gateway ends). */
#include "client/gateway/sink.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/redact_event.h"
#include "client/signals.h"

/* How long to wait for acknowledgements at a time. */
#define SLICE_MS 100

#define RETRY_EVERY_US 500000

static void die(struct sink *sink, int error)
{
    bool is_of_broker = error == TOCSIN_E_CLOSED || error == TOCSIN_E_DENIED || error == TOCSIN_E_INVALID;
    if (sink->is_dead)
        return;
    sink->is_dead = true;
    sink->code = EXIT_CODE_FAILED;
    if (!sink->settings.spool_dir || is_of_broker)
        sink->code = where_complain(sink->settings.where, error);
    else if (!sink->is_spool_told || error == TOCSIN_E_NOMEM)
        complain("--spool: %s: %s", sink->settings.spool_dir, tocsin_error_text(error));
}

/* Events get the appender's numbers in the order of ours. */
static int hand_over(struct sink *sink, struct tocsin_event *event)
{
    uint64_t n;
    int error = tocsin_append(sink->appender, event, &n);
    if (!error && sink->base_n == 0)
        sink->base_n = n;
    return error;
}

/* What came before the broker was found goes first. */
static void append_early(struct sink *sink)
{
    struct append_queue *early = &sink->early;
    while (early->first_n < early->next_n && !sink->is_dead) {
        struct span bytes = append_queue_at(early, early->first_n);
        int error = tocsin_event_from_msgpack(sink->event, bytes.data, bytes.len);
        if (!error)
            error = hand_over(sink, sink->event);
        if (error == TOCSIN_E_FULL || error == TOCSIN_E_NOSPACE)
            return;
        if (error)
            die(sink, error);
        append_queue_settle(early, early->first_n);
    }
}

static void take_found(struct sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    int error = sink->find_error;
    sink->appender = sink->found;
    pthread_mutex_unlock(&sink->lock);
    if (error)
        die(sink, error);
}

static struct tocsin_appender_counts counts_of(const struct sink *sink)
{
    struct tocsin_appender_counts counts = {0};
    if (sink->appender)
        tocsin_appender_count(sink->appender, &counts);
    return counts;
}

static void count_published(struct sink *sink)
{
    struct tocsin_appender_counts counts = counts_of(sink);
    uint64_t published = counts.settled - counts.refused;
    if (counts.refused > counts.settled || published < sink->published) /* a refusal comes before it is settled */
        return;
    counts_add(sink->counts, COUNT_PUBLISHED, published - sink->published); /* another sink may count there too */
    sink->published = published;
}

/* The loop's thread was woken. */
static void ready(struct loop_watch *watch, uint32_t events)
{
    (void)events;
    struct sink *sink = (struct sink *)((char *)watch - offsetof(struct sink, wake));
    uint64_t ignored;
    ssize_t got = read(watch->fd, &ignored, sizeof ignored);
    (void)got;
    if (!sink->appender)
        take_found(sink);
    if (sink->appender)
        append_early(sink);
    sink->is_full = false;
    count_published(sink);
    sink->settled(sink->context);
}

/* Room on a disk comes without a word, and so does the end of an appender that has nothing to send. */
static void ring(struct loop_timer *timer, int64_t now_us)
{
    (void)now_us;
    struct sink *sink = (struct sink *)((char *)timer - offsetof(struct sink, timer));
    int error = counts_of(sink).error;
    if (error)
        die(sink, error);
    if (sink->is_full || (sink->appender && sink->early.first_n < sink->early.next_n))
        sink_wake(sink);
}

bool sink_open(struct sink *sink, struct loop *loop, const struct sink_settings *settings, const struct redact *redact,
               struct counts *counts, void (*settled)(void *context), void *context)
{
    *sink = (struct sink){.settings = *settings, .redact = redact, .counts = counts, .settled = settled};
    sink->context = context;
    pthread_mutex_init(&sink->lock, NULL);
    append_queue_init(&sink->early, 1, settings->queue_bytes);
    sink->wake = (struct loop_watch){eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ready};
    sink->event = tocsin_event_new();
    sink->timer = (struct loop_timer){.every_us = RETRY_EVERY_US, .ring = ring};
    loop_every(loop, &sink->timer);
    if (sink->wake.fd >= 0 && sink->event && loop_add(loop, &sink->wake, EPOLLIN) && sink_find(sink))
        return true;
    complain("cannot begin: %s", strerror(errno));
    return false;
}

/* Before the broker was found, or while what came before is not all handed over. */
static int put_early(struct sink *sink, struct tocsin_event *event)
{
    struct span bytes;
    int error = tocsin_event_encode(event, &bytes.data, &bytes.len);
    if (error)
        return error;
    if (!append_queue_fits(&sink->early, bytes.len))
        return TOCSIN_E_FULL;
    return append_queue_add(&sink->early, bytes) ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int append(struct sink *sink, struct tocsin_event *event)
{
    bool is_early = !sink->appender || sink->early.first_n < sink->early.next_n;
    return is_early ? put_early(sink, event) : hand_over(sink, event);
}

/* Counts a refusal by our own judge, and says which; or that there was no memory for this event. */
static int refuse(struct sink *sink, const struct tocsin_event *event, const char *where, int error)
{
    enum tocsin_refusal code;
    const char *field;
    if (error == TOCSIN_E_NOMEM || tocsin_event_refusal(event, &code, &field) == TOCSIN_OK)
        counts_complain(sink->counts, COUNT_REFUSED_EVENT, 1, "%s: %s", where, tocsin_error_text(error));
    else
        counts_complain(sink->counts, COUNT_REFUSED_EVENT, 1, "%s: %s %s (%s)", where, *field ? field : "the event",
                        tocsin_refusal_text(code), tocsin_refusal_word(code));
    return TOCSIN_E_REFUSED;
}

int sink_put(struct sink *sink, struct tocsin_event *event, const char *where, uint64_t *number)
{
    struct tocsin_event *final = event;
    if (sink->is_dead)
        return TOCSIN_E_FULL;
    int error = redact_event(sink->redact, sink->counts, &final, sink->event, &sink->members, &sink->scratch);
    if (!error)
        error = append(sink, final);
    switch (error) {
    case TOCSIN_OK:
        sink->taken++;
        counts_add(sink->counts, COUNT_QUEUED, 1);
        if (number)
            *number = sink->taken;
        return TOCSIN_OK;
    case TOCSIN_E_REFUSED:
    case TOCSIN_E_INVALID:
    case TOCSIN_E_SYNTAX:
    case TOCSIN_E_NOMEM:
        return refuse(sink, final, where, error);
    case TOCSIN_E_FULL:
    case TOCSIN_E_NOSPACE: /* the spool's disk */
        sink->is_full = true;
        return TOCSIN_E_FULL;
    default:
        die(sink, error);
        return TOCSIN_E_FULL;
    }
}

uint64_t sink_settled(const struct sink *sink)
{
    struct tocsin_appender_counts counts = counts_of(sink);
    return counts.settled > counts.recovered ? counts.settled - counts.recovered : 0;
}

bool sink_was_refused(struct sink *sink, uint64_t number)
{
    bool is_found = false;
    pthread_mutex_lock(&sink->lock);
    for (size_t i = 0; i < SINK_REFUSED_MAX && i < sink->refused_count && !is_found; i++)
        is_found = sink->refused_n[i] == sink->base_n + number - 1;
    pthread_mutex_unlock(&sink->lock);
    return is_found;
}

bool sink_last_n(const struct sink *sink, uint64_t *last_n)
{
    *last_n = sink->appender ? tocsin_appender_last_n(sink->appender) : 0;
    return sink->appender != NULL;
}

uint64_t sink_drain(struct sink *sink, struct loop *loop)
{
    uint64_t settled = sink_settled(sink);
    int64_t end_us = clock_deadline_us(clock_now_us(), sink->settings.where->timeout_ms);
    int signal = signals_caught();
    while (settled < sink->taken && !sink->is_dead && clock_now_us() < end_us && signals_caught() == signal) {
        loop_once(loop, SLICE_MS);
        if (sink_settled(sink) > settled)
            end_us = clock_deadline_us(clock_now_us(), sink->settings.where->timeout_ms);
        settled = sink_settled(sink);
    }
    count_published(sink);
    return sink->taken - settled;
}

void sink_close(struct sink *sink, struct loop *loop)
{
    if (sink->has_thread) {
        pthread_mutex_lock(&sink->lock);
        sink->is_ending = true;
        pthread_mutex_unlock(&sink->lock);
        pthread_join(sink->thread, NULL);
    }
    if (!sink->appender)
        sink->appender = sink->found;
    tocsin_appender_close(&sink->appender, NULL);
    if (sink->wake.fd >= 0) {
        loop_remove(loop, &sink->wake);
        close(sink->wake.fd);
    }
    append_queue_fini(&sink->early);
    tocsin_event_free(&sink->event);
    text_fini(&sink->members);
    text_fini(&sink->scratch);
    pthread_mutex_destroy(&sink->lock);
}
