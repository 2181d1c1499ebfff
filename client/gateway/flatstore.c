#include "client/gateway/flatstore.h"

#include "proto/catalog.h"
#include "proto/number.h"

#define VALUES_MAX 64 /* with names */

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

enum follow_begin flatstore_begins(struct span bytes, char delimiter)
{
    size_t at = 0;
    while (at < bytes.len && at < TOCSIN_TYPE_MAX &&
           (at < 2 ? bytes.data[at] == (uint8_t) "E_"[at] : is_name_byte(bytes.data[at])))
        at++;
    if (at == bytes.len)
        return FOLLOW_BEGIN_OPEN;
    bool is_end = bytes.data[at] == (uint8_t)delimiter || bytes.data[at] == '\n';
    return at > 2 && is_end ? FOLLOW_BEGIN_YES : FOLLOW_BEGIN_NO;
}

static void put_string(struct text *out, struct span value)
{
    text_put_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.data[i];
        if (byte == '"' || byte == '\\')
            text_put_char(out, '\\');
        if (byte < 0x20)
            text_printf(out, "\\u%04x", byte);
        else
            text_put_char(out, (char)byte);
    }
    text_put_char(out, '"');
}

/* As the catalog has it: a number where it is to be one, and is. */
static void put_typed(struct text *out, struct span value, const struct catalog_param *param)
{
    struct number number;
    size_t used;
    bool is_number = param->type == CATALOG_INT &&
                     number_read((const char *)value.data, value.len, &number, &used) == 0 && used == value.len;
    if (is_number)
        text_put(out, value.data, value.len);
    else
        put_string(out, value);
}

static size_t split(struct span record, char delimiter, struct span *values)
{
    size_t count = 0;
    const uint8_t *end = span_end(record);
    for (const uint8_t *at = record.data;; at++) {
        const uint8_t *stop = at < end ? memchr(at, delimiter, (size_t)(end - at)) : NULL;
        if (count < VALUES_MAX)
            values[count] = span_of(at, (size_t)((stop ? stop : end) - at));
        count++;
        if (!stop)
            return count;
        at = stop;
    }
}

static size_t count_optional(const struct catalog_event *event)
{
    size_t count = 0;
    for (size_t i = 0; i < event->param_count; i++)
        count += !event->params[i].is_required;
    return count;
}

/* Which of the optional parameters are there, when `count` values are: all, all but the last, only the last (the prefix of
 * E_CORE_LOG, whose module and function come together), or none. False where it cannot be told. */
static bool choose_optional(const struct catalog_event *event, size_t count, size_t *first, size_t *last)
{
    size_t optional = count_optional(event), required = event->param_count - optional;
    *first = 0;
    *last = optional;
    if (count == event->param_count)
        return true;
    if (optional > 1 && count == event->param_count - 1)
        *last = optional - 1;
    else if (optional > 1 && count == required + 1)
        *first = optional - 1;
    else
        *last = 0;
    return *last > 0 || count == required;
}

static bool put_named(struct text *out, const struct catalog_event *event, const struct span *values, size_t count)
{
    size_t first, last, optional = 0, at = 0;
    if (!choose_optional(event, count, &first, &last))
        return false;
    for (size_t i = 0; i < event->param_count; i++) {
        const struct catalog_param *param = &event->params[i];
        if (!param->is_required) {
            bool is_there = optional >= first && optional < last;
            optional++;
            if (!is_there)
                continue;
        }
        text_printf(out, "%c\"%s\":", at == 0 ? '{' : ',', param->name);
        put_typed(out, values[at++], param);
    }
    text_put_char(out, '}');
    return true;
}

static void put_unnamed(struct text *out, struct span record, char delimiter)
{
    const uint8_t *end = span_end(record);
    char begin = '[';
    for (const uint8_t *at = record.data;; at++) {
        const uint8_t *stop = at < end ? memchr(at, delimiter, (size_t)(end - at)) : NULL;
        text_put_char(out, begin);
        put_string(out, span_of(at, (size_t)((stop ? stop : end) - at)));
        begin = ',';
        if (!stop)
            break;
        at = stop;
    }
    text_put_char(out, ']');
}

void flatstore_put_document(struct text *out, struct span record, char delimiter)
{
    const uint8_t *end = span_end(record);
    const uint8_t *stop = memchr(record.data, delimiter, record.len);
    struct span name = span_of(record.data, (size_t)((stop ? stop : end) - record.data));
    text_put_str(out, "{\"jsonrpc\":\"2.0\",\"method\":");
    put_string(out, name);
    if (stop) {
        struct span values[VALUES_MAX];
        struct span rest = span_of(stop + 1, (size_t)(end - stop - 1));
        size_t count = split(rest, delimiter, values);
        const struct catalog_event *event = catalog_find(span_of_str("CoreEvent"), name, span_of(NULL, 0));
        text_put_str(out, ",\"params\":");
        if (!event || count > VALUES_MAX || !put_named(out, event, values, count))
            put_unnamed(out, rest, delimiter);
    }
    text_put_char(out, '}');
}
