#include "client/alert/body.h"

#include "proto/json.h"
#include "proto/rfc3339.h"

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

/* The labels, or annotations, that all have alike; the event is told with each alert only. */
static void put_common(struct text *out, const struct letter *letter, bool is_labels)
{
    struct labels common = {0};
    const struct notice *first = &letter->notices[0];
    const struct labels *of_first = is_labels ? &first->labels : &first->annotations;
    for (size_t i = 0; i < of_first->count; i++) {
        bool is_common = is_labels || strcmp(of_first->items[i].name, "event") != 0;
        for (size_t n = 1; n < letter->count && is_common; n++) {
            const struct notice *other = &letter->notices[n];
            const char *value = labels_get(is_labels ? &other->labels : &other->annotations, of_first->items[i].name);
            is_common = value && strcmp(value, of_first->items[i].value) == 0;
        }
        if (is_common &&
            !labels_set(&common, span_of_str(of_first->items[i].name), span_of_str(of_first->items[i].value)))
            out->failed = true;
    }
    struct text remark;
    text_init(&remark);
    letter_put_remark(&remark, letter);
    if (!is_labels && remark.len > 0 && !labels_set(&common, span_of_str("remark"), text_span(&remark)))
        out->failed = true;
    notice_put_labels(out, &common);
    text_fini(&remark);
    labels_fini(&common);
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

static void put_alert(struct text *out, const struct notice *notice)
{
    text_put_str(out, "{\"status\":");
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
    text_printf(out, ",\"generatorURL\":\"\",\"fingerprint\":\"%s\"}", notice->fingerprint);
}

void body_put_webhook(struct text *out, const struct letter *letter, const char *receiver)
{
    text_put_str(out, "{\"version\":\"4\",\"groupKey\":");
    put_string(out, letter->key);
    text_printf(out, ",\"truncatedAlerts\":%zu,\"status\":\"%s\",\"receiver\":", letter->others,
                letter_is_firing(letter) ? "firing" : "resolved");
    put_string(out, receiver);
    text_put_str(out, ",\"groupLabels\":");
    notice_put_labels(out, &letter->labels);
    text_put_str(out, ",\"commonLabels\":");
    put_common(out, letter, true);
    text_put_str(out, ",\"commonAnnotations\":");
    put_common(out, letter, false);
    text_put_str(out, ",\"externalURL\":\"\",\"alerts\":[");
    for (size_t i = 0; i < letter->count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_alert(out, &letter->notices[i]);
    }
    text_put_str(out, "]}");
}

void body_put_alertmanager(struct text *out, const struct letter *letter, uint64_t now_us, uint64_t ahead_us)
{
    for (size_t i = 0; i < letter->count; i++) {
        const struct notice *notice = &letter->notices[i];
        text_put_str(out, i > 0 ? ",{\"labels\":" : "[{\"labels\":");
        notice_put_labels(out, &notice->labels);
        text_put_str(out, ",\"annotations\":");
        notice_put_labels(out, &notice->annotations);
        text_put_str(out, ",\"startsAt\":");
        put_time(out, notice->starts_us);
        text_put_str(out, ",\"endsAt\":");
        put_time(out, notice->is_firing ? now_us + ahead_us : notice->ends_us);
        text_put_char(out, '}');
    }
    text_put_char(out, ']');
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

/* The labels of an alert by itself, a line each; of several a line for each alert. */
static void put_slack_alerts(struct text *out, const struct letter *letter)
{
    const struct labels *labels = &letter->notices[0].labels;
    for (size_t i = 0; letter->count == 1 && i < labels->count && out->len < SLACK_TEXT_MAX; i++) {
        text_printf(out, "%s%s: ", i > 0 ? "\n" : "", labels->items[i].name);
        put_slack_escaped(out, begin_of(labels->items[i].value, 500));
    }
    for (size_t i = 0; letter->count > 1 && i < letter->count && out->len < SLACK_TEXT_MAX; i++) {
        const struct notice *notice = &letter->notices[i];
        const char *source = notice_label(notice, "sourceId");
        text_printf(out, "%s%s ", i > 0 ? "\n" : "", status_of(notice));
        put_slack_escaped(out, span_of_str(notice_label(notice, "alertname")));
        text_put_char(out, ' ');
        put_slack_escaped(out, begin_of(source ? source : "", 200));
        text_put_str(out, ": ");
        put_slack_escaped(out, begin_of(notice_summary(notice), 300));
    }
}

void body_put_slack(struct text *out, const struct letter *letter)
{
    struct text words, subject;
    text_init(&words);
    text_init(&subject);
    bool is_firing = letter_is_firing(letter);
    letter_put_subject(&subject, letter);
    text_put_char(&subject, '\0');
    text_put_str(&words, is_firing ? "[FIRING] " : "[RESOLVED] ");
    put_slack_escaped(&words, begin_of(subject.failed ? "" : subject.data, SLACK_TEXT_MAX));
    text_put_str(out, "{\"text\":");
    json_write_string(out, text_span(&words));
    text_clear(&words);
    put_slack_alerts(&words, letter);
    text_clear(&subject);
    letter_put_remark(&subject, letter);
    if (subject.len > 0)
        text_put_char(&words, '\n');
    put_slack_escaped(&words, text_span(&subject));
    text_printf(out, ",\"attachments\":[{\"color\":\"%s\",\"text\":", is_firing ? "#d00000" : "#2eb886");
    json_write_string(out, text_span(&words));
    text_put_str(out, "}]}");
    out->failed |= words.failed || subject.failed;
    text_fini(&subject);
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

/* The one by which an incident is told: the first that is firing. */
static const struct notice *leader_of(const struct letter *letter)
{
    for (size_t i = 0; i < letter->count; i++) {
        if (letter->notices[i].is_firing)
            return &letter->notices[i];
    }
    return &letter->notices[0];
}

void body_put_pagerduty(struct text *out, const struct letter *letter, const char *routing_key)
{
    struct text subject;
    char dedup_key[NOTICE_FINGERPRINT_LEN + 1];
    const struct notice *notice = leader_of(letter);
    const char *source = notice_label(notice, "sourceId"), *group = notice_label(notice, "category");
    text_init(&subject);
    if (letter->count == 1)
        text_put_str(&subject, notice_summary(notice));
    else
        letter_put_subject(&subject, letter);
    text_put_char(&subject, '\0');
    letter_make_dedup_key(dedup_key, letter);
    text_put_str(out, "{\"routing_key\":");
    put_string(out, routing_key);
    text_printf(out, ",\"event_action\":\"%s\",\"dedup_key\":\"%s\",\"client\":\"tocsin\",\"payload\":{\"summary\":",
                notice->is_firing ? "trigger" : "resolve", dedup_key);
    json_write_string(out, begin_of(subject.failed ? "" : subject.data, PAGERDUTY_SUMMARY_MAX));
    text_put_str(out, ",\"source\":");
    put_string(out, source ? source : "tocsin");
    text_printf(out, ",\"severity\":\"%s\",\"timestamp\":", severity_of(notice));
    put_time(out, notice->is_firing ? notice->starts_us : notice->ends_us);
    text_put_str(out, ",\"class\":");
    put_string(out, notice_label(notice, "alertname"));
    text_put_str(out, ",\"group\":");
    put_string(out, group ? group : "");
    text_put_str(out, ",\"custom_details\":");
    put_common(out, letter, true);
    text_put_str(out, "}}");
    out->failed |= subject.failed;
    text_fini(&subject);
}
