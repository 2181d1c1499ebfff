/* Texts of rules, with members of the event in them. What comes from an event is escaped (client/escape.h): nothing in
 * it can drive a terminal, end a line or be no UTF-8. */
#include "client/alert/notice.h"
#include "client/escape.h"
#include "client/member.h"

/* The value of `by` that stands in the alert's key. */
static struct span key_value(const struct alert *alert, struct span member)
{
    const uint8_t *at = alert->key.data;
    for (size_t i = 0; i < alert->rule->by.count && at < span_end(alert->key); i++) {
        size_t len = strnlen((const char *)at, (size_t)(span_end(alert->key) - at));
        if (span_equals(alert->rule->by.items[i], member))
            return span_of(at, len);
        at += len + 1;
    }
    return span_of("", 0);
}

void notice_put_member(struct text *out, const struct alert *alert, const struct tocsin_message *message,
                       struct span member)
{
    if (message)
        member_put(out, message, member);
    else
        escape_text(out, key_value(alert, member));
}

static struct span without_spaces(const char *text, size_t len)
{
    while (len > 0 && *text == ' ')
        text++, len--;
    while (len > 0 && text[len - 1] == ' ')
        len--;
    return span_of(text, len);
}

void notice_expand(struct text *out, const char *text, const struct alert *alert, const struct tocsin_message *message)
{
    for (;;) {
        const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
        if (!close) {
            text_put_str(out, text);
            return;
        }
        struct span member = without_spaces(open + 2, (size_t)(close - open) - 2);
        text_put(out, text, (size_t)(open - text));
        if (member_is_path(member))
            notice_put_member(out, alert, message, member);
        text = close + 2;
    }
}
