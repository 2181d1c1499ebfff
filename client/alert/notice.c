#include "client/alert/notice.h"

#include <sodium.h>

#include "client/message.h"
#include "proto/json.h"

/* The event that raised it as a message, so that members can be found. False: there is none. */
static bool message_of(struct tocsin_message *message, const struct alert *alert)
{
    struct record record = {.seq = alert->seq, .received_us = alert->starts_us};
    if (!alert->event.data || !event_view(alert->event, &record.event))
        return false;
    message_of_record(message, &record, span_of(NULL, 0), span_of(NULL, 0));
    return true;
}

static bool set_member(struct labels *labels, const char *name, const struct alert *alert,
                       const struct tocsin_message *message, struct span member)
{
    struct text value;
    text_init(&value);
    notice_put_member(&value, alert, message, member);
    bool is_good = !value.failed && labels_set(labels, span_of_str(name), text_span(&value));
    text_fini(&value);
    return is_good;
}

/* snapshot.group becomes snapshot_group */
static bool set_by(struct labels *labels, const struct alert *alert, const struct tocsin_message *message,
                   struct span member)
{
    struct text name;
    text_init(&name);
    for (size_t i = 0; i < member.len; i++) {
        uint8_t byte = member.data[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        text_put_char(&name, is_letter || (i > 0 && byte >= '0' && byte <= '9') ? (char)byte : '_');
    }
    text_put_char(&name, '\0');
    bool is_good = !name.failed && set_member(labels, name.data, alert, message, member);
    text_fini(&name);
    return is_good;
}

static bool set_own(struct labels *labels, const struct labels *own, const struct alert *alert,
                    const struct tocsin_message *message)
{
    struct text value;
    bool is_good = true;
    text_init(&value);
    for (size_t i = 0; i < own->count && is_good; i++) {
        text_clear(&value);
        notice_expand(&value, own->items[i].value, alert, message);
        is_good = !value.failed && labels_set(labels, span_of_str(own->items[i].name), text_span(&value));
    }
    text_fini(&value);
    return is_good;
}

static bool make_labels(struct notice *notice, const struct alert *alert, const struct tocsin_message *message)
{
    static const char *const of_event[] = {"category", "type", "sourceId"};
    const struct rule *rule = alert->rule;
    struct labels *labels = &notice->labels;
    bool is_good = true;
    for (size_t i = 0; i < 3 && message && is_good; i++)
        is_good = set_member(labels, of_event[i], alert, message, span_of_str(of_event[i]));
    for (size_t i = 0; i < rule->by.count && is_good; i++)
        is_good = set_by(labels, alert, message, rule->by.items[i]);
    if (!is_good || !set_own(labels, &rule->labels, alert, message))
        return false;
    is_good = labels_set(labels, span_of_str("alertname"), span_of_str(rule->name));
    labels_sort(labels);
    return is_good;
}

static bool make_annotations(struct notice *notice, const struct alert *alert, const struct tocsin_message *message)
{
    struct event event;
    struct labels *annotations = &notice->annotations;
    static const char silence[] = "no such event was received";
    if (!set_own(annotations, &alert->rule->annotations, alert, message))
        return false;
    bool has_summary = notice_annotation(notice, "summary") != NULL, is_absent = alert->rule->kind == RULE_ABSENT;
    if (!has_summary && is_absent && !labels_set(annotations, span_of_str("summary"), span_of_str(silence)))
        return false;
    if (!has_summary && !is_absent && message &&
        !set_member(annotations, "summary", alert, message, span_of_str("summary")))
        return false;
    if (!message || !event_view(alert->event, &event))
        return true;
    struct text json;
    text_init(&json);
    json_write_event(&json, &event);
    bool is_good = !json.failed && labels_set(annotations, span_of_str("event"), text_span(&json));
    text_fini(&json);
    return is_good;
}

static void make_fingerprint(struct notice *notice)
{
    static const uint8_t separator = 0xff;
    crypto_hash_sha256_state state;
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < notice->labels.count; i++) {
        const struct label *label = &notice->labels.items[i];
        crypto_hash_sha256_update(&state, (const uint8_t *)label->name, strlen(label->name));
        crypto_hash_sha256_update(&state, &separator, 1);
        crypto_hash_sha256_update(&state, (const uint8_t *)label->value, strlen(label->value));
        crypto_hash_sha256_update(&state, &separator, 1);
    }
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(notice->fingerprint, sizeof notice->fingerprint, hash, NOTICE_FINGERPRINT_LEN / 2);
}

bool notice_make(struct notice *notice, const struct alert *alert)
{
    struct tocsin_message message;
    bool has_event = message_of(&message, alert);
    *notice = (struct notice){
        .is_firing = alert->is_firing,
        .level = has_event ? message.level : TOCSIN_LEVEL_WARNING,
        .starts_us = alert->starts_us,
        .ends_us = alert->ends_us,
    };
    bool is_good = make_labels(notice, alert, has_event ? &message : NULL) &&
                   make_annotations(notice, alert, has_event ? &message : NULL);
    make_fingerprint(notice);
    return is_good;
}

void notice_fini(struct notice *notice)
{
    labels_fini(&notice->labels);
    labels_fini(&notice->annotations);
}

const char *notice_label(const struct notice *notice, const char *name)
{
    return labels_get(&notice->labels, name);
}

const char *notice_annotation(const struct notice *notice, const char *name)
{
    return labels_get(&notice->annotations, name);
}

const char *notice_summary(const struct notice *notice)
{
    const char *summary = notice_annotation(notice, "summary");
    return summary ? summary : notice_label(notice, "alertname");
}

void notice_put_labels(struct text *out, const struct labels *labels)
{
    text_put_char(out, '{');
    for (size_t i = 0; i < labels->count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        json_write_string(out, span_of_str(labels->items[i].name));
        text_put_char(out, ':');
        json_write_string(out, span_of_str(labels->items[i].value));
    }
    text_put_char(out, '}');
}
