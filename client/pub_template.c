#include "client/pub_template.h"

#include "proto/rfc3339.h"

static void put_value(struct text *out, struct span name, const struct pub_template *values)
{
    char time[RFC3339_US_LEN];
    if (span_is(name, "{{Count}}")) {
        text_printf(out, "%llu", (unsigned long long)values->count);
    } else if (span_is(name, "{{Time}}")) {
        rfc3339_write_us(time, values->time_us);
        text_put(out, time, sizeof time);
    } else if (span_is(name, "{{ID}}")) {
        text_printf(out, "%016llx", (unsigned long long)values->id);
    } else {
        text_put(out, name.data, name.len);
    }
}

void pub_template_fill(struct text *out, const char *text, const struct pub_template *values)
{
    text_clear(out);
    for (const char *open; (open = strstr(text, "{{")) != NULL;) {
        const char *close = strstr(open, "}}");
        if (!close)
            break;
        text_put(out, text, (size_t)(open - text));
        put_value(out, span_of(open, (size_t)(close + 2 - open)), values);
        text = close + 2;
    }
    text_put_str(out, text);
    text_put_char(out, '\0');
}
