#include "client/pub_door.h"

#include <stdio.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/complain.h"
#include "client/signals.h"

/* How long to wait at a time, so that a signal is heeded. */
#define SLICE_MS 100

/* Each run of the program is a producer of its own, unless it was given a name. */
static const char *name_of(const struct pub_options *settings, char *out, size_t size)
{
    if (settings->producer)
        return settings->producer;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned long long now_ns = (unsigned long long)now.tv_sec * 1000000000 + (unsigned long long)now.tv_nsec;
    const char *key;
    size_t key_len = where_key_name(&settings->where, &key);
    if (key_len > 0) {
        snprintf(out, size, "%.*s-%llx", (int)key_len, key, now_ns);
        return out;
    }
    char host[40] = "";
    gethostname(host, sizeof host - 1);
    for (char *at = host; *at; at++) {
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-'))
            *at = '_';
    }
    snprintf(out, size, "pub-%.30s-%llx", host, now_ns);
    return out;
}

/* In the appender's thread. What is refused here was judged good by the library: the broker is stricter. */
static void on_refused(void *context, const struct tocsin_rejection *rejection)
{
    struct pub_door *door = context;
    atomic_fetch_add(&door->refused, 1);
    complain("the broker refused an event: %s %s (%s)", *rejection->field ? rejection->field : "it", rejection->text,
             rejection->code);
}

static void on_trouble(void *context, const char *text)
{
    struct pub_door *door = context;
    atomic_store(&door->is_told, true);
    complain("--spool: %s", text);
}

int pub_door_open(struct pub_door *door, const struct pub_options *settings)
{
    *door = (struct pub_door){.settings = settings};
    if (!settings->is_acknowledged)
        return tocsin_publisher_open(&door->publisher, &settings->publisher);
    char name[TOCSIN_PRODUCER_MAX + 1];
    struct tocsin_appender_options options = {
        .producer = name_of(settings, name, sizeof name),
        .append = settings->where.endpoint,
        .curve = where_curve(&settings->where),
        .connect_timeout_ms = settings->where.timeout_ms,
        .send_timeout_ms = SLICE_MS,
        .close_timeout_ms = TOCSIN_NOWAIT,
        .spool_dir = settings->spool_dir,
        .on_refused = on_refused,
        .on_trouble = on_trouble,
        .context = door,
    };
    struct tocsin_appender_counts counts;
    int error = tocsin_appender_open(&door->appender, &options);
    if (error)
        return error;
    tocsin_appender_count(door->appender, &counts);
    door->recovered = counts.recovered;
    return TOCSIN_OK;
}

static uint64_t settled_count(struct pub_door *door)
{
    struct tocsin_appender_counts counts;
    tocsin_appender_count(door->appender, &counts);
    return counts.settled;
}

/* As tocsin_append, as long as the broker goes on acknowledging and no signal has come. */
static int append(struct pub_door *door, struct tocsin_event *event)
{
    uint64_t settled = settled_count(door);
    int64_t deadline_us = clock_deadline_us(clock_now_us(), door->settings->where.timeout_ms);
    for (;;) {
        int error = tocsin_append(door->appender, event, NULL);
        if (error != TOCSIN_E_FULL)
            return error;
        if (signals_caught())
            return TOCSIN_E_INTERRUPTED;
        if (settled_count(door) > settled) {
            settled = settled_count(door);
            deadline_us = clock_deadline_us(clock_now_us(), door->settings->where.timeout_ms);
        } else if (clock_now_us() >= deadline_us) {
            return TOCSIN_E_UNREACHABLE;
        }
    }
}

int pub_door_send(struct pub_door *door, struct tocsin_event *event)
{
    return door->appender ? append(door, event) : tocsin_publish(door->publisher, event);
}

/* As long as the broker goes on acknowledging and no signal has come. */
static void wait_settled(struct pub_door *door)
{
    struct tocsin_appender_counts counts;
    uint64_t settled = 0;
    int64_t deadline_us = clock_deadline_us(clock_now_us(), door->settings->where.timeout_ms);
    tocsin_appender_count(door->appender, &counts);
    while (counts.settled < counts.recovered + counts.appended && clock_now_us() < deadline_us && !signals_caught()) {
        if (counts.settled > settled)
            deadline_us = clock_deadline_us(clock_now_us(), door->settings->where.timeout_ms);
        settled = counts.settled;
        int error = tocsin_appender_flush(door->appender, SLICE_MS);
        if (error && error != TOCSIN_E_TIMEOUT)
            return;
        tocsin_appender_count(door->appender, &counts);
    }
}

int pub_door_close(struct pub_door *door, uint64_t *unsent)
{
    if (!door->appender)
        return tocsin_publisher_close(&door->publisher, unsent);
    wait_settled(door);
    return tocsin_appender_close(&door->appender, unsent);
}
