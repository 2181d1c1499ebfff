#include "client/logger/log_form.h"

#include "client/escape.h"
#include "client/record_json.h"

static const char *const names[] = {
#define FORM(id, name, meaning) name,
#include "client/logger/log_form.def"
#undef FORM
};

enum log_form log_form_find(const char *name)
{
    for (unsigned i = 0; i < LOG_FORM_COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum log_form)i;
    }
    return LOG_FORM_COUNT;
}

bool log_event_of(struct log_event *event, const struct tocsin_message *message, const char *log_id)
{
    *event = (struct log_event){
        .record = {.seq = message->seq, .prev = message->prev, .received_us = message->received_us},
        .log_id = log_id,
    };
    return event_view(span_of(message->event.data, message->event.len), &event->record.event);
}

static void write_text(struct text *out, const struct event *event)
{
    text_put_str(out, tocsin_level_word(event->level));
    text_put_char(out, ' ');
    escape_text(out, event->category);
    text_put_char(out, '/');
    escape_text(out, event->source_id);
    text_put_char(out, ' ');
    escape_text(out, event->type);
    text_put_str(out, ": ");
    escape_text(out, event->summary);
    if (event->cause.data) {
        text_put_str(out, " (");
        escape_text(out, event->cause);
        text_put_char(out, ')');
    }
}

void log_form_write(struct text *out, enum log_form form, const struct log_event *event)
{
    switch (form) {
    case LOG_FORM_OME:
        form_ome_write(out, &event->record.event, event->record.received_us);
        return;
    case LOG_FORM_LOGFMT:
        form_logfmt_write(out, &event->record);
        return;
    case LOG_FORM_CLOUDEVENTS:
        form_cloud_event_write(out, event);
        return;
    case LOG_FORM_TEXT:
        write_text(out, &event->record.event);
        return;
    default:
        record_json_write(out, &event->record);
    }
}
