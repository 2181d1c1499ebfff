#include "client/event_time.h"

#include <stdlib.h>

#include "proto/rfc3339.h"

struct event_time event_time_of(const struct tocsin_message *message, bool is_utc)
{
    struct event_time time = {
        .seconds = (int64_t)(message->received_us / 1000000),
        .nanoseconds = (uint32_t)(message->received_us % 1000000) * 1000,
    };
    struct rfc3339 rfc;
    if (message->time.data && rfc3339_read(span_of(message->time.data, message->time.len), &rfc)) {
        time.seconds = rfc.seconds;
        time.nanoseconds = rfc.nanoseconds;
    }
    time_t seconds = (time_t)time.seconds;
    if (is_utc)
        gmtime_r(&seconds, &time.tm);
    else
        localtime_r(&seconds, &time.tm);
    return time;
}

void event_time_put_iso(struct text *out, const struct event_time *time, bool is_utc)
{
    const struct tm *tm = &time->tm;
    text_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06u", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour,
                tm->tm_min, tm->tm_sec, time->nanoseconds / 1000);
    long minutes = tm->tm_gmtoff / 60;
    if (is_utc)
        text_put_char(out, 'Z');
    else
        text_printf(out, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', labs(minutes) / 60, labs(minutes) % 60);
}
