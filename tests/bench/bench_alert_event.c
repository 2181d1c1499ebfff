#include "tests/bench/bench_alert_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/message.h"
#include "proto/event.h"
#include "proto/record.h"
#include "proto/text.h"

static const char *const templates[] = {
#define ALERT_EVENT(json) json,
#include "tests/bench/bench_alert_event.def"
#undef ALERT_EVENT
};

static void die(const char *what)
{
    fprintf(stderr, "bench_alert: %s\n", what);
    exit(1);
}

static void make(struct alert_event *event, const char *json, size_t len)
{
    char error[128];
    const uint8_t *bytes;
    size_t event_len;
    struct record record = {.seq = 1};
    if (!event->event && !(event->event = tocsin_event_new()))
        die("out of memory");
    if (tocsin_event_from_json(event->event, json, len, error, sizeof error) != 0)
        die(error);
    if (tocsin_event_encode(event->event, &bytes, &event_len) != 0 ||
        !event_view(span_of(bytes, event_len), &record.event))
        die("no event");
    message_of_record(&event->message, &record, span_of(NULL, 0), span_of(NULL, 0));
}

static const char plain[] =
    "{\"time\":\"2026-11-21T01:32:20.078050Z\",\"level\":\"Info\",\"category\":\"CoreEvent\",\"type\":\"Type%u\","
    "\"sourceId\":\"s%u\",\"summary\":\"event number %u\",\"snapshot\":{\"group\":\"g\",\"status\":%d}}";

void alert_event_make_plain(struct alert_event *event, unsigned number)
{
    char json[512];
    int len = snprintf(json, sizeof json, plain, number % 100, number % 1000, number, (int)(number % 3) - 1);
    make(event, json, (size_t)len);
}

void alert_event_make_unlike(struct alert_event *event, unsigned number)
{
    char json[512];
    int len = snprintf(json, sizeof json, plain, 0, number, number, -1);
    make(event, json, (size_t)len);
}

void alert_event_make_real(struct alert_event *event, unsigned number)
{
    struct text json;
    text_init(&json);
    for (const char *at = templates[number % (sizeof templates / sizeof *templates)]; *at; at++) {
        if (at[0] == '%' && at[1] == 'u')
            text_printf(&json, "%u", number % 64);
        if (at[0] != '%')
            text_put_char(&json, *at);
        else if (*++at == '%')
            text_put_char(&json, '%');
    }
    if (json.failed)
        die("out of memory");
    make(event, json.data, json.len);
    text_fini(&json);
}

void alert_event_fini(struct alert_event *event)
{
    tocsin_event_free(&event->event);
}
