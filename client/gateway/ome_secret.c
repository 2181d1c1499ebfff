#include "client/gateway/ome_secret.h"

#include <stdbool.h>

/* Words, and what ends the secret behind them. */
static const struct secret {
    const char *before;
    const char *behind;
} secrets[] = {
    {"StreamKey: ", ", "},
    {"(expected : ", " | input : "},
    {" | input : ", ")"},
};

static bool begins(struct span text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.data, with, len) == 0;
}

/* The length of the secret at the start of `text`. */
static size_t secret_len(struct span text, const char *behind)
{
    const void *end = memmem(text.data, text.len, behind, strlen(behind));
    return end ? (size_t)((const uint8_t *)end - text.data) : text.len;
}

static const struct secret *find(struct span text)
{
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (begins(text, secrets[i].before))
            return &secrets[i];
    }
    return NULL;
}

size_t ome_secret_hide(struct text *out, struct span summary)
{
    size_t at = 0, count = 0;
    while (at < summary.len) {
        struct span rest = span_of(summary.data + at, summary.len - at);
        const struct secret *secret = find(rest);
        if (!secret) {
            text_put(out, rest.data, 1);
            at++;
            continue;
        }
        size_t before_len = strlen(secret->before);
        struct span value = span_of(rest.data + before_len, rest.len - before_len);
        size_t len = secret_len(value, secret->behind);
        text_put_str(out, secret->before);
        if (len > 0)
            text_put_str(out, "[redacted]");
        count += len > 0;
        at += before_len + len;
    }
    return count;
}
