/* The subscriber: made, connected, ended. */
#include <limits.h>
#include <stdlib.h>

#include "client/clock.h"
#include "client/context.h"
#include "client/subscriber.h"

#define TIMEOUT_DEFAULT_MS   5000
#define QUEUE_FRAMES_DEFAULT 100000
#define TOPICS_DEFAULT       65536

static const struct tocsin_filter everything = {.kind = TOCSIN_FILTER_EVERYTHING};

static int copy_types(struct tocsin_subscriber *subscriber, const struct tocsin_subscriber_options *options)
{
    subscriber->types = calloc(options->type_count + 1, sizeof *subscriber->types);
    if (!subscriber->types)
        return TOCSIN_E_NOMEM;
    for (size_t i = 0; i < options->type_count; i++) {
        if (!options->types[i])
            return TOCSIN_E_INVALID;
        subscriber->types[i] = strdup(options->types[i]);
        if (!subscriber->types[i])
            return TOCSIN_E_NOMEM;
        subscriber->type_count++;
    }
    return TOCSIN_OK;
}

static int copy_filters(struct tocsin_subscriber *subscriber, const struct tocsin_subscriber_options *options)
{
    bool has_filters = options->filter_count > 0;
    int error = filter_set_new(&subscriber->filters, has_filters ? options->filters : &everything,
                               has_filters ? options->filter_count : 1);
    if (!error)
        error = filter_set_new(&subscriber->exclude, options->exclude, options->exclude_count);
    return error ? error : copy_types(subscriber, options);
}

static int copy_numbers(struct tocsin_subscriber *subscriber, const struct tocsin_subscriber_options *options)
{
    if (options->connect_timeout_ms < -1 || options->heartbeat_timeout_ms < 0 || options->queue_frames < 0 ||
        (unsigned)options->min_level >= TOCSIN_LEVEL_COUNT || options->max_event_bytes > INT_MAX)
        return TOCSIN_E_INVALID;
    int heartbeat_timeout_ms = options->heartbeat_timeout_ms;
    subscriber->heartbeat_timeout_ms = heartbeat_timeout_ms ? heartbeat_timeout_ms : TIMEOUT_DEFAULT_MS;
    subscriber->queue_frames = options->queue_frames ? options->queue_frames : QUEUE_FRAMES_DEFAULT;
    subscriber->max_event_bytes = options->max_event_bytes ? options->max_event_bytes : TOCSIN_EVENT_BYTES_MAX;
    subscriber->min_level = options->min_level;
    return TOCSIN_OK;
}

/* The time that the broker adds to an event does not count against what the event may have. */
#define TIME_MEMBER_MAX 64

static int make_parts(struct tocsin_subscriber *subscriber, const struct tocsin_subscriber_options *options)
{
    bool is_everything = filter_set_is_everything(subscriber->filters) && options->exclude_count == 0;
    size_t max_topics = options->max_topics ? options->max_topics : TOPICS_DEFAULT;
    subscriber->gaps = gap_tracker_new(is_everything, max_topics);
    subscriber->judge = event_judge_new(subscriber->max_event_bytes + TIME_MEMBER_MAX, (uint64_t)clock_now_us());
    subscriber->own_context = options->zmq_context;
    subscriber->context = context_acquire(options->zmq_context);
    bool is_made = subscriber->gaps && subscriber->judge && subscriber->context;
    return is_made ? TOCSIN_OK : TOCSIN_E_NOMEM;
}

static int begin(struct tocsin_subscriber *subscriber, const struct tocsin_subscriber_options *options)
{
    int error = endpoint_choose(options->live, options->server, ENDPOINT_LIVE, subscriber->endpoint);
    if (!error)
        error = copy_numbers(subscriber, options);
    if (!error)
        error = curve_take(&subscriber->curve, options->curve);
    if (!error)
        error = copy_filters(subscriber, options);
    if (!error)
        error = make_parts(subscriber, options);
    if (!error)
        error = subscriber_connect(subscriber);
    if (error)
        return error;
    int timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : TIMEOUT_DEFAULT_MS;
    return subscriber_wait_confirmed(subscriber, clock_deadline_us(clock_now_us(), timeout_ms));
}

int tocsin_subscriber_open(struct tocsin_subscriber **subscriber, const struct tocsin_subscriber_options *options)
{
    static const struct tocsin_subscriber_options defaults;
    if (!subscriber)
        return TOCSIN_E_INVALID;
    *subscriber = calloc(1, sizeof **subscriber);
    if (!*subscriber)
        return TOCSIN_E_NOMEM;
    int error = begin(*subscriber, options ? options : &defaults);
    if (error)
        tocsin_subscriber_close(subscriber);
    return error;
}

void tocsin_subscriber_close(struct tocsin_subscriber **subscriber)
{
    if (!subscriber || !*subscriber)
        return;
    struct tocsin_subscriber *closing = *subscriber;
    subscriber_disconnect(closing);
    context_release(closing->context, closing->own_context);
    gap_tracker_free(&closing->gaps);
    event_judge_free(&closing->judge);
    filter_set_free(&closing->filters);
    filter_set_free(&closing->exclude);
    for (size_t i = 0; i < closing->type_count; i++)
        free(closing->types[i]);
    free(closing->types);
    text_fini(&closing->json);
    curve_forget(&closing->curve);
    free(closing);
    *subscriber = NULL;
}
