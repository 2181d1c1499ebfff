/* A message for people. Its text is base64, so that no line of it can be too long or mean anything to a mail server. */
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "client/alert/body.h"

#define LINE_BYTES    57u /* of 76 characters */
#define SUBJECT_MAX   200u
#define SUBJECT_PIECE 39u

static void put_base64(struct text *out, const uint8_t *bytes, size_t len)
{
    char line[sodium_base64_ENCODED_LEN(LINE_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(line, sizeof line, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    text_put_str(out, line);
}

static bool is_inside_character(const struct text *text, size_t at)
{
    return at < text->len && ((uint8_t)text->data[at] & 0xc0) == 0x80;
}

/* RFC 2047: words of whole characters. */
static void put_subject(struct text *out, const struct letter *letter)
{
    struct text subject;
    text_init(&subject);
    text_put_str(&subject, letter_is_firing(letter) ? "[FIRING] " : "[RESOLVED] ");
    letter_put_subject(&subject, letter);
    if (subject.len > SUBJECT_MAX) {
        subject.len = SUBJECT_MAX;
        while (subject.len > 0 && is_inside_character(&subject, subject.len))
            subject.len--;
    }
    text_put_str(out, "Subject:");
    for (size_t at = 0; at < subject.len;) {
        size_t len = subject.len - at < SUBJECT_PIECE ? subject.len - at : SUBJECT_PIECE;
        while (len > 1 && is_inside_character(&subject, at + len))
            len--;
        text_put_str(out, at > 0 ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
        put_base64(out, (const uint8_t *)subject.data + at, len);
        text_put_str(out, "?=");
        at += len;
    }
    text_put_str(out, "\r\n");
    out->failed |= subject.failed;
    text_fini(&subject);
}

static void put_labels(struct text *out, const struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++)
        text_printf(out, "%s: %s\r\n", labels->items[i].name, labels->items[i].value);
}

static void put_alert(struct text *out, const struct notice *notice)
{
    text_printf(out, "%s: %s\r\n\r\n", notice->is_firing ? "firing" : "resolved", notice_summary(notice));
    put_labels(out, &notice->labels);
    text_put_str(out, "\r\n");
    put_labels(out, &notice->annotations);
    text_put_str(out, "\r\n");
}

void body_put_email(struct text *out, const struct letter *letter, const struct target *target, const char *id,
                    uint64_t now_us)
{
    struct tm tm;
    char date[64];
    struct text words;
    time_t now = (time_t)(now_us / 1000000);
    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    text_printf(out, "Date: %s\r\nFrom: %s\r\nTo: %s\r\nMessage-ID: <%s@tocsin>\r\nAuto-Submitted: auto-generated\r\n",
                date, target->options[TARGET_OPTION_EMAIL_FROM], target->options[TARGET_OPTION_EMAIL_TO], id);
    put_subject(out, letter);
    text_put_str(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\n");
    text_init(&words);
    letter_put_remark(&words, letter);
    text_put_str(&words, words.len > 0 ? "\r\n\r\n" : "");
    for (size_t i = 0; i < letter->count; i++)
        put_alert(&words, &letter->notices[i]);
    for (size_t at = 0; at < words.len; at += LINE_BYTES) {
        size_t left = words.len - at;
        put_base64(out, (const uint8_t *)words.data + at, left < LINE_BYTES ? left : LINE_BYTES);
        text_put_str(out, "\r\n");
    }
    out->failed |= words.failed;
    text_fini(&words);
}
