/* The thread: asks for the names of all events, subscribes to each, and looks every few seconds whether the first
 * subscription is still there. At half of the time that they hold it subscribes again: for OpenSIPS that is a renewal.
 *
 * What can fail: OpenSIPS does not answer (tried again, at growing intervals), an event is refused (told; the others are
 * subscribed to), OpenSIPS was restarted (the look finds nothing, and all begins anew). */
#include "client/gateway/subscribe.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/gateway/value.h"
#include "proto/json.h"
#include "proto/tocsin_base.h"

#define RETRY_MIN_MS  500
#define RETRY_MAX_MS  30000
#define LOOK_EVERY_MS 5000

/* Events that OpenSIPS's profiler makes of each step once somebody listens: never asked for. */
static const char profiling[] = "E_PROFILING_";

static int fail(struct subscribe *subscribe, const char *what)
{
    counts_complain(subscribe->counts, COUNT_MI_FAILED, 1, "%s: %s: %s", subscribe->settings.url, what,
                    subscribe->mi.error);
    return TOCSIN_E_UNREACHABLE;
}

/* Collects the names of the events; the list of the reply dies with the next request. */
static int list_events(struct subscribe *subscribe)
{
    struct span result;
    if (mi_request(&subscribe->mi, "events_list", span_of(NULL, 0), &result))
        return fail(subscribe, "events_list");
    struct wire_reader reader = wire_reader_of(value_member(result, "Events"));
    uint32_t count;
    text_clear(&subscribe->names);
    for (bool is_list = wire_read_array(&reader, &count); is_list && count > 0; count--) {
        struct span name = value_str(value_member(value_next(&reader), "name"));
        bool is_wanted = name.len > 0 &&
                         !(name.len >= sizeof profiling - 1 && memcmp(name.data, profiling, sizeof profiling - 1) == 0);
        if (!is_wanted || memchr(name.data, '\0', name.len))
            continue;
        text_put(&subscribe->names, name.data, name.len);
        text_put_char(&subscribe->names, '\0');
    }
    if (subscribe->names.len > 0 && !subscribe->names.failed)
        return TOCSIN_OK;
    snprintf(subscribe->mi.error, sizeof subscribe->mi.error, "no event is in it");
    return fail(subscribe, "events_list");
}

static struct span params_of(struct subscribe *subscribe, const char *name, int expire_s)
{
    struct text *params = &subscribe->params;
    text_clear(params);
    text_put_str(params, "{\"event\":");
    json_write_string(params, span_of_str(name));
    text_put_str(params, ",\"socket\":");
    json_write_string(params, span_of_str(subscribe->settings.socket));
    if (expire_s >= 0)
        text_printf(params, ",\"expire\":%d", expire_s);
    text_put_char(params, '}');
    return text_span(params);
}

/* Subscribes to all, or ends that with expire_s 0. TOCSIN_E_UNREACHABLE: to none. */
static int subscribe_all(struct subscribe *subscribe, int expire_s, unsigned *done)
{
    *done = 0;
    const char *end = subscribe->names.data + subscribe->names.len;
    for (const char *name = subscribe->names.data; name < end; name += strlen(name) + 1) {
        struct span result;
        int error = mi_request(&subscribe->mi, "event_subscribe", params_of(subscribe, name, expire_s), &result);
        if (error)
            fail(subscribe, name);
        if (error && error != TOCSIN_E_REFUSED)
            return error;
        *done += !error;
    }
    return *done > 0 ? TOCSIN_OK : TOCSIN_E_UNREACHABLE;
}

/* Whether the first event's subscription is there still. */
static bool is_there(struct subscribe *subscribe, int *error)
{
    struct span result, params = params_of(subscribe, subscribe->names.data, -1);
    *error = mi_request(&subscribe->mi, "subscribers_list", params, &result);
    if (*error && *error != TOCSIN_E_REFUSED)
        fail(subscribe, "subscribers_list");
    if (*error)
        return false;
    struct span subscriber = value_member(value_member(result, "Event"), "Subscriber");
    struct span ttl = value_str(value_member(subscriber, "ttl")); /* a string where it has expired */
    return subscriber.data && !span_is(ttl, "expired");
}

static int begin(struct subscribe *subscribe)
{
    unsigned count;
    int error = list_events(subscribe);
    if (!error)
        error = subscribe_all(subscribe, subscribe->settings.expire_s, &count);
    if (error)
        return error;
    counts_add(subscribe->counts, COUNT_SUBSCRIBED, count);
    if (!subscribe->is_subscribed && !subscribe->settings.is_quiet)
        complain("subscribed to %u events at %s, as %s", count, subscribe->settings.url, subscribe->settings.socket);
    subscribe->is_subscribed = true;
    return TOCSIN_OK;
}

/* Waits; true when it is time to end. */
static bool pause_for(struct subscribe *subscribe, int pause_ms)
{
    int64_t until_us = clock_deadline_us(clock_now_us(), pause_ms);
    struct timespec until = {(time_t)(until_us / 1000000), (long)(until_us % 1000000) * 1000};
    pthread_mutex_lock(&subscribe->lock);
    while (!subscribe->is_ending && pthread_cond_timedwait(&subscribe->ended, &subscribe->lock, &until) == 0) {
    }
    bool is_ending = subscribe->is_ending;
    pthread_mutex_unlock(&subscribe->lock);
    return is_ending;
}

/* Keeps what was subscribed to until it is time to end, or something fails. */
static bool keep(struct subscribe *subscribe)
{
    int half_ms = subscribe->settings.expire_s * 500;
    int look_ms = half_ms / 2 < LOOK_EVERY_MS ? half_ms / 2 : LOOK_EVERY_MS;
    int64_t renew_us = clock_deadline_us(clock_now_us(), half_ms);
    while (!pause_for(subscribe, look_ms)) {
        int error;
        bool there = is_there(subscribe, &error);
        if (error && error != TOCSIN_E_REFUSED)
            return false;
        if (there && clock_now_us() < renew_us)
            continue;
        if (!there && !subscribe->settings.is_quiet)
            complain("%s: the subscription is gone; subscribing again", subscribe->settings.url);
        if (begin(subscribe))
            return false;
        renew_us = clock_deadline_us(clock_now_us(), half_ms);
    }
    return true;
}

static void *run(void *context)
{
    struct subscribe *subscribe = context;
    int retry_ms = RETRY_MIN_MS;
    for (bool is_over = false; !is_over;) {
        if (begin(subscribe) == TOCSIN_OK) {
            is_over = keep(subscribe);
            subscribe->is_subscribed = false;
            retry_ms = RETRY_MIN_MS;
        }
        is_over = is_over || pause_for(subscribe, retry_ms);
        retry_ms = retry_ms * 2 < RETRY_MAX_MS ? retry_ms * 2 : RETRY_MAX_MS;
    }
    unsigned count;
    if (subscribe->names.len > 0)
        subscribe_all(subscribe, 0, &count);
    return NULL;
}

bool subscribe_begin(struct subscribe *subscribe, const struct subscribe_settings *settings, struct counts *counts)
{
    *subscribe = (struct subscribe){.settings = *settings, .counts = counts};
    pthread_mutex_init(&subscribe->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&subscribe->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    if (!mi_open(&subscribe->mi, settings->url))
        return false;
    sigset_t all, before; /* signals belong to the loop's thread */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    subscribe->has_thread = pthread_create(&subscribe->thread, NULL, run, subscribe) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return subscribe->has_thread;
}

void subscribe_end(struct subscribe *subscribe)
{
    if (!subscribe->counts)
        return;
    if (subscribe->has_thread) {
        pthread_mutex_lock(&subscribe->lock);
        subscribe->is_ending = true;
        pthread_cond_signal(&subscribe->ended);
        pthread_mutex_unlock(&subscribe->lock);
        pthread_join(subscribe->thread, NULL);
    }
    subscribe->has_thread = false;
    subscribe->counts = NULL;
    mi_close(&subscribe->mi);
    text_fini(&subscribe->params);
    text_fini(&subscribe->names);
    pthread_cond_destroy(&subscribe->ended);
    pthread_mutex_destroy(&subscribe->lock);
}
