/* What happened to an alert, a line each. */
#include <time.h>

#include "client/alert/mute.h"
#include "client/alert/notice.h"
#include "client/escape.h"
#include "proto/json.h"
#include "proto/rfc3339.h"

void notice_put_time(struct text *out, uint64_t us, bool is_utc)
{
    struct tm tm;
    char date[64];
    time_t seconds = (time_t)(us / 1000000);
    if (is_utc)
        gmtime_r(&seconds, &tm);
    else
        localtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
    text_printf(out, "%s.%03u", date, (unsigned)(us / 1000 % 1000));
}

void notice_put_line(struct text *out, const struct notice *notice, const struct mute *mute, bool is_utc)
{
    notice_put_time(out, notice->is_firing ? notice->starts_us : notice->ends_us, is_utc);
    text_put_str(out, notice->is_firing ? "  firing    " : "  resolved  ");
    escape_text(out, span_of_str(notice_label(notice, "alertname")));
    for (size_t i = 0; i < notice->labels.count; i++) {
        const struct label *label = &notice->labels.items[i];
        if (strcmp(label->name, "alertname") == 0)
            continue;
        text_printf(out, "  %s=", label->name);
        escape_text(out, span_of_str(label->value));
    }
    text_put_str(out, "  ");
    escape_text(out, span_of_str(notice_summary(notice)));
    if (mute && mute->kind != MUTE_NONE)
        text_printf(out, "  (%s by %s)", mute->kind == MUTE_SILENCED ? "silenced" : "inhibited", mute->by);
    text_put_char(out, '\n');
}

static void put_json_time(struct text *out, const char *name, uint64_t us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, us);
    text_printf(out, ",\"%s\":\"%.*s\"", name, RFC3339_US_LEN, time);
}

void notice_put_json_line(struct text *out, const struct notice *notice, const struct mute *mute,
                          const struct rule *rule)
{
    text_printf(out, "{\"status\":\"%s\",\"labels\":", notice->is_firing ? "firing" : "resolved");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, ",\"annotations\":");
    notice_put_labels(out, &notice->annotations);
    put_json_time(out, "startsAt", notice->starts_us);
    if (!notice->is_firing)
        put_json_time(out, "endsAt", notice->ends_us);
    text_printf(out, ",\"fingerprint\":\"%s\",\"receivers\":[", notice->fingerprint);
    for (size_t i = 0; i < rule->receiver_count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        json_write_string(out, rule->receivers[i]);
    }
    text_put_char(out, ']');
    if (mute && mute->kind != MUTE_NONE)
        text_printf(out, ",\"%s\":\"%s\"", mute->kind == MUTE_SILENCED ? "silencedBy" : "inhibitedBy", mute->by);
    text_put_str(out, "}\n");
}
