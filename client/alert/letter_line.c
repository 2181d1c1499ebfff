/* What a receiver is told, a line each. */
#include "client/alert/letter.h"
#include "client/escape.h"
#include "proto/json.h"
#include "proto/rfc3339.h"

void letter_put_json_line(struct text *out, const struct letter *letter, const char *receiver, uint64_t at_us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, at_us);
    text_printf(out,
                "{\"notice\":\"%s\",\"at\":\"%.*s\",\"receiver\":", letter_is_firing(letter) ? "firing" : "resolved",
                RFC3339_US_LEN, time);
    json_write_string(out, span_of_str(receiver));
    text_put_str(out, ",\"groupKey\":");
    json_write_string(out, span_of_str(letter->key));
    text_put_str(out, ",\"groupLabels\":");
    notice_put_labels(out, &letter->labels);
    text_put_str(out, ",\"alerts\":[");
    for (size_t i = 0; i < letter->count; i++)
        text_printf(out, "%s{\"fingerprint\":\"%s\",\"status\":\"%s\"}", i > 0 ? "," : "",
                    letter->notices[i].fingerprint, letter->notices[i].is_firing ? "firing" : "resolved");
    text_printf(out, "],\"truncatedAlerts\":%zu}\n", letter->others);
}

void letter_put_line(struct text *out, const struct letter *letter, const char *receiver, uint64_t at_us, bool is_utc)
{
    struct text subject;
    text_init(&subject);
    letter_put_subject(&subject, letter);
    notice_put_time(out, at_us, is_utc);
    text_put_str(out, "  notice    to ");
    escape_text(out, span_of_str(receiver));
    text_put_str(out, "  ");
    escape_text(out, text_span(&subject));
    text_put_char(out, '\n');
    out->failed |= subject.failed;
    text_fini(&subject);
}
