#include "client/gateway/opensips_summary.h"

#include <stdio.h>
#include <string.h>

#include "client/gateway/plain.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

/* Of a parameter that is told among others. */
#define VALUE_MAX 200

/* What stands between braces: *name, name or name|text. */
static void put_field(struct text *out, const char *field, size_t len, const struct opensips_message *message)
{
    bool is_all = field[0] == '*';
    const char *bar = memchr(field, '|', len);
    size_t name_len = (bar ? (size_t)(bar - field) : len) - is_all;
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)name_len, field + is_all);
    struct span value = opensips_message_param(message, name);
    if (!value.data)
        return;
    if (bar)
        text_put(out, bar + 1, len - (size_t)(bar + 1 - field));
    size_t start = out->len;
    plain_put_value(out, value);
    if (!is_all && out->len > start)
        out->len = start + plain_first_line(span_of(out->data + start, out->len - start)).len;
}

static void put_form(struct text *out, const char *form, const struct opensips_message *message)
{
    while (*form) {
        size_t plain = strcspn(form, "{");
        text_put(out, form, plain);
        form += plain;
        if (*form == '\0')
            return;
        size_t len = strcspn(form, "}");
        put_field(out, form + 1, len - 1, message);
        form += len + 1;
    }
}

static void put_value(struct text *out, struct wire_reader *reader)
{
    const uint8_t *value = reader->at;
    size_t start = out->len;
    wire_skip(reader);
    plain_put_value(out, span_of(value, (size_t)(reader->at - value)));
    if (out->len > start)
        out->len = start + plain_cut(span_of(out->data + start, out->len - start), VALUE_MAX).len;
}

/* All parameters, as far as a summary can be of use. */
static void put_all(struct text *out, struct span params)
{
    struct wire_reader reader = wire_reader_of(params);
    uint32_t count = 0;
    bool is_map = wire_read_map(&reader, &count);
    if (!is_map && !wire_read_array(&reader, &count)) {
        put_value(out, &reader);
        return;
    }
    for (uint32_t i = 0; i < count && out->len < 2U * TOCSIN_SUMMARY_MAX; i++) {
        struct span key;
        if (i > 0)
            text_put_str(out, ", ");
        if (is_map && wire_read_str(&reader, &key)) {
            text_put(out, key.data, key.len);
            text_put_char(out, '=');
        }
        put_value(out, &reader);
    }
}

void opensips_summary_put(struct text *out, const char *form, const struct opensips_message *message)
{
    struct wire_reader reader = wire_reader_of(message->params);
    uint32_t count;
    bool is_named = message->params.data && wire_read_map(&reader, &count);
    if (form && is_named && count > 0)
        put_form(out, form, message);
    else if (message->params.data)
        put_all(out, message->params);
}
