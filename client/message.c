#include "client/message.h"

#include "client/record_json.h"
#include "proto/json.h"

void message_of_record(struct tocsin_message *message, const struct record *record, struct span topic,
                       struct span log_id)
{
    const struct event *event = &record->event;
    *message = (struct tocsin_message){
        .kind = TOCSIN_MESSAGE_EVENT,
        .topic = text_of_span(topic),
        .seq = record->seq,
        .prev = record->prev,
        .received_us = record->received_us,
        .level = event->level,
        .time = text_of_span(event->time),
        .category = text_of_span(event->category),
        .type = text_of_span(event->type),
        .source_id = text_of_span(event->source_id),
        .summary = text_of_span(event->summary),
        .cause = text_of_span(event->cause),
        .snapshot = text_of_span(event->snapshot),
        .event = text_of_span(event->bytes),
        .log_id = text_of_span(log_id),
    };
}

static int finish(struct text *out, struct tocsin_text *json)
{
    text_put_char(out, '\0');
    if (out->failed)
        return TOCSIN_E_NOMEM;
    *json = (struct tocsin_text){out->data, out->len - 1};
    return TOCSIN_OK;
}

int message_snapshot_json(struct text *out, const struct record *record, struct tocsin_text *json)
{
    text_clear(out);
    if (record->event.snapshot.data)
        json_write_value(out, record->event.snapshot);
    else
        text_put_str(out, "null");
    return finish(out, json);
}

int message_event_json(struct text *out, const struct record *record, struct tocsin_text *json)
{
    text_clear(out);
    record_json_write(out, record);
    return finish(out, json);
}
