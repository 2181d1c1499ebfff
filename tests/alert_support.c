#include "tests/alert_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "proto/event.h"

void alert_support_init(struct alert_support *support)
{
    *support = (struct alert_support){.event = tocsin_event_new()};
    assert_non_null(support->event);
}

void alert_support_fini(struct alert_support *support)
{
    tocsin_event_free(&support->event);
}

static struct tocsin_text text_of(struct span span)
{
    return (struct tocsin_text){(const char *)span.data, span.len};
}

const struct tocsin_message *alert_support_message(struct alert_support *support, const char *json,
                                                   uint64_t received_us)
{
    const uint8_t *bytes;
    size_t len;
    struct event event;
    char error[128];
    if (tocsin_event_from_json(support->event, json, strlen(json), error, sizeof error) != 0)
        fail_msg("%s: %s", json, error);
    assert_int_equal(tocsin_event_encode(support->event, &bytes, &len), 0);
    assert_true(event_view(span_of(bytes, len), &event));
    support->message = (struct tocsin_message){
        .kind = TOCSIN_MESSAGE_EVENT,
        .seq = ++support->seq,
        .received_us = received_us,
        .level = event.level,
        .category = text_of(event.category),
        .type = text_of(event.type),
        .source_id = text_of(event.source_id),
        .summary = text_of(event.summary),
        .cause = text_of(event.cause),
        .snapshot = text_of(event.snapshot),
        .event = text_of(event.bytes),
    };
    return &support->message;
}

bool alert_support_matches(const struct match *match, const struct tocsin_message *message)
{
    for (size_t i = 0; i < match->count; i++) {
        if (!condition_holds(&match->conditions[i], message))
            return false;
    }
    return match->count > 0;
}
