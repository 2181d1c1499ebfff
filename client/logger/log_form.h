/* Events as `tocsin log` writes them. Pure. */
#ifndef CLIENT_LOGGER_LOG_FORM_H
#define CLIENT_LOGGER_LOG_FORM_H

#include "client/tocsin.h"
#include "proto/record.h"
#include "proto/text.h"

enum log_form {
#define FORM(id, name, meaning) LOG_FORM_##id,
#include "client/logger/log_form.def"
#undef FORM
    LOG_FORM_COUNT
};

/* One event with its place in the log. Texts are borrowed. */
struct log_event {
    struct record record;
    const char *log_id; /* 32 hex digits */
};

/* The form of that name; LOG_FORM_COUNT: none. */
enum log_form log_form_find(const char *name);

/* Of a message, an EVENT; borrows from it. False where its bytes are no event, which the library does not tell. */
bool log_event_of(struct log_event *event, const struct tocsin_message *message, const char *log_id);

/* Appends the event without a newline. What it holds of control characters is escaped in each form. */
void log_form_write(struct text *out, enum log_form form, const struct log_event *event);

/* The forms, each in a file of its own. */
void form_ome_write(struct text *out, const struct event *event, uint64_t received_us);
void form_logfmt_write(struct text *out, const struct record *record);
void form_cloud_event_write(struct text *out, const struct log_event *event);

/* Appends one record of an OTLP request: an object of "logRecords". */
void form_otlp_write(struct text *out, const struct log_event *event);

#endif
