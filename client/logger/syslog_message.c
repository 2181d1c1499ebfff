#include "client/logger/syslog_message.h"

#include <stdlib.h>
#include <time.h>

#include "client/escape.h"
#include "proto/rfc3339.h"

/* The number that RFC 5612 sets aside for documents: there is no other to use for those who have none. */
#define SD_ID "tocsin@32473"

#define MSGID_MAX 32

static const struct {
    const char *name;
    unsigned number;
} facilities[] = {
#define SYSLOG_FACILITY(name, number) {name, number},
#include "client/logger/syslog_facility.def"
#undef SYSLOG_FACILITY
};

bool syslog_facility_find(const char *name, unsigned *facility)
{
    for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++) {
        if (strcmp(name, facilities[i].name) == 0) {
            *facility = facilities[i].number;
            return true;
        }
    }
    return false;
}

unsigned syslog_severity(enum tocsin_level level)
{
    static const unsigned severities[TOCSIN_LEVEL_COUNT] = {
        [TOCSIN_LEVEL_TRACE] = 7,   [TOCSIN_LEVEL_DEBUG] = 7, [TOCSIN_LEVEL_INFO] = 6,
        [TOCSIN_LEVEL_WARNING] = 4, [TOCSIN_LEVEL_ERROR] = 3,
    };
    return severities[level];
}

/* With six digits at most, and no second of 60, which RFC 5424 forbids. */
static void put_time(struct text *out, const struct record *record)
{
    struct rfc3339 time = {(int64_t)(record->received_us / 1000000), (uint32_t)(record->received_us % 1000000) * 1000,
                           0};
    struct tm tm;
    if (record->event.time.data)
        rfc3339_read(record->event.time, &time);
    time_t local = (time_t)(time.seconds + (int64_t)time.offset_minutes * 60);
    int offset = abs(time.offset_minutes);
    gmtime_r(&local, &tm);
    text_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06u", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                tm.tm_min, tm.tm_sec, time.nanoseconds / 1000);
    if (offset == 0)
        text_put_char(out, 'Z');
    else
        text_printf(out, "%c%02d:%02d", time.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

/* As people are shown it, and the signs that RFC 5424 wants with a backslash. */
static void put_param(struct text *out, const char *name, struct span value)
{
    struct text shown;
    text_init(&shown);
    escape_text(&shown, value);
    text_printf(out, " %s=\"", name);
    for (size_t i = 0; i < shown.len; i++) {
        if (strchr("\"\\]", shown.data[i]) && shown.data[i])
            text_put_char(out, '\\');
        text_put_char(out, shown.data[i]);
    }
    text_put_char(out, '"');
    out->failed |= shown.failed;
    text_fini(&shown);
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x80)
            return false;
    }
    return true;
}

void syslog_message_write(struct text *out, const struct log_event *log_event, enum log_form form, unsigned facility,
                          const char *hostname)
{
    const struct record *record = &log_event->record;
    const struct event *event = &record->event;
    text_printf(out, "<%u>1 ", facility * 8 + syslog_severity(event->level));
    put_time(out, record);
    text_printf(out, " %s tocsin - %.*s [" SD_ID, hostname,
                (int)(event->type.len < MSGID_MAX ? event->type.len : MSGID_MAX), (const char *)event->type.data);
    put_param(out, "category", event->category);
    put_param(out, "type", event->type);
    put_param(out, "sourceId", event->source_id);
    put_param(out, "level", span_of_str(tocsin_level_word(event->level)));
    if (event->cause.data)
        put_param(out, "cause", event->cause);
    text_printf(out, " seq=\"%llu\" logId=\"%s\"] ", (unsigned long long)record->seq, log_event->log_id);
    size_t begin = out->len;
    log_form_write(out, form, log_event);
    if (out->failed || form != LOG_FORM_TEXT || is_ascii(span_of(out->data + begin, out->len - begin)))
        return;
    static const char mark[] = "\xef\xbb\xbf"; /* says that it is UTF-8 */
    if (!text_reserve(out, sizeof mark - 1))
        return;
    memmove(out->data + begin + sizeof mark - 1, out->data + begin, out->len - begin);
    memcpy(out->data + begin, mark, sizeof mark - 1);
    out->len += sizeof mark - 1;
}
