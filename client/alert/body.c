#include "client/alert/body.h"

#include "proto/json.h"
#include "proto/rfc3339.h"

#define ALERTMANAGER_AHEAD_US                                                                                          \
    UINT64_C(240000000) /* four times as long as until it is sent again, as Prometheus has it */
#define PAGERDUTY_SUMMARY_MAX 1024u
#define SLACK_TEXT_MAX        2900u

static void put_time(struct text *out, uint64_t us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, us);
    text_printf(out, "\"%.*s\"", RFC3339_US_LEN, time);
}

static void put_string(struct text *out, const char *string)
{
    json_write_string(out, span_of_str(string));
}

static const char *status_of(const struct notice *notice)
{
    return notice->is_firing ? "firing" : "resolved";
}

/* At most `max` bytes, and no half character. */
static struct span begin_of(const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len > max)
        for (len = max; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80;)
            len--;
    return span_of(text, len);
}

void body_put_webhook(struct text *out, const struct notice *notice, const char *receiver)
{
    text_printf(out, "{\"version\":\"4\",\"groupKey\":\"%s\",\"truncatedAlerts\":0,\"status\":\"%s\",\"receiver\":",
                notice->fingerprint, status_of(notice));
    put_string(out, receiver);
    text_put_str(out, ",\"groupLabels\":");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, ",\"commonLabels\":");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, ",\"commonAnnotations\":{},\"externalURL\":\"\",\"alerts\":[{\"status\":");
    put_string(out, status_of(notice));
    text_put_str(out, ",\"labels\":");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, ",\"annotations\":");
    notice_put_labels(out, &notice->annotations);
    text_put_str(out, ",\"startsAt\":");
    put_time(out, notice->starts_us);
    text_put_str(out, ",\"endsAt\":");
    if (notice->is_firing)
        text_put_str(out, "\"0001-01-01T00:00:00Z\"");
    else
        put_time(out, notice->ends_us);
    text_printf(out, ",\"generatorURL\":\"\",\"fingerprint\":\"%s\"}]}", notice->fingerprint);
}

void body_put_alertmanager(struct text *out, const struct notice *notice, uint64_t now_us)
{
    uint64_t ends_us = notice->is_firing ? now_us + ALERTMANAGER_AHEAD_US : notice->ends_us;
    text_put_str(out, "[{\"labels\":");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, ",\"annotations\":");
    notice_put_labels(out, &notice->annotations);
    text_put_str(out, ",\"startsAt\":");
    put_time(out, notice->starts_us);
    text_put_str(out, ",\"endsAt\":");
    put_time(out, ends_us);
    text_put_str(out, "}]");
}

/* As Slack wants it: what could be a link, a mention or a tag is none. */
static void put_slack_escaped(struct text *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = (char)text.data[i];
        if (byte == '&')
            text_put_str(out, "&amp;");
        else if (byte == '<')
            text_put_str(out, "&lt;");
        else if (byte == '>')
            text_put_str(out, "&gt;");
        else
            text_put_char(out, byte);
    }
}

void body_put_slack(struct text *out, const struct notice *notice)
{
    struct text words;
    text_init(&words);
    text_put_str(&words, notice->is_firing ? "[FIRING] " : "[RESOLVED] ");
    put_slack_escaped(&words, span_of_str(notice_label(notice, "alertname")));
    text_put_str(&words, ": ");
    put_slack_escaped(&words, begin_of(notice_summary(notice), SLACK_TEXT_MAX));
    text_put_str(out, "{\"text\":");
    json_write_string(out, text_span(&words));
    text_clear(&words);
    for (size_t i = 0; i < notice->labels.count && words.len < SLACK_TEXT_MAX; i++) {
        text_printf(&words, "%s%s: ", i > 0 ? "\n" : "", notice->labels.items[i].name);
        put_slack_escaped(&words, begin_of(notice->labels.items[i].value, 500));
    }
    text_printf(out, ",\"attachments\":[{\"color\":\"%s\",\"text\":", notice->is_firing ? "#d00000" : "#2eb886");
    json_write_string(out, text_span(&words));
    text_put_str(out, "}]}");
    out->failed |= words.failed;
    text_fini(&words);
}

/* The label severity where PagerDuty knows its value, else by the event's level. */
static const char *severity_of(const struct notice *notice)
{
    static const char *const known[] = {"critical", "error", "warning", "info"};
    const char *label = notice_label(notice, "severity");
    for (size_t i = 0; label && i < 4; i++) {
        if (strcmp(label, known[i]) == 0)
            return known[i];
    }
    return notice->level == TOCSIN_LEVEL_ERROR ? "error" : notice->level == TOCSIN_LEVEL_WARNING ? "warning" : "info";
}

void body_put_pagerduty(struct text *out, const struct notice *notice, const char *routing_key)
{
    const char *source = notice_label(notice, "sourceId"), *group = notice_label(notice, "category");
    text_put_str(out, "{\"routing_key\":");
    put_string(out, routing_key);
    text_printf(out, ",\"event_action\":\"%s\",\"dedup_key\":\"%s\",\"client\":\"tocsin\",\"payload\":{\"summary\":",
                notice->is_firing ? "trigger" : "resolve", notice->fingerprint);
    json_write_string(out, begin_of(notice_summary(notice), PAGERDUTY_SUMMARY_MAX));
    text_put_str(out, ",\"source\":");
    put_string(out, source ? source : "tocsin");
    text_printf(out, ",\"severity\":\"%s\",\"timestamp\":", severity_of(notice));
    put_time(out, notice->is_firing ? notice->starts_us : notice->ends_us);
    text_put_str(out, ",\"class\":");
    put_string(out, notice_label(notice, "alertname"));
    text_put_str(out, ",\"group\":");
    put_string(out, group ? group : "");
    text_put_str(out, ",\"custom_details\":");
    notice_put_labels(out, &notice->labels);
    text_put_str(out, "}}");
}
