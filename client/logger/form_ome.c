/* An event as OvenMediaEngine writes it: time with three digits and a numeric offset, the members in its order, and all
 * strings and the snapshot as jsoncpp does it: keys sorted by their bytes, everything beyond ASCII as \uXXXX in small
 * letters, floats with 17 digits and always a point or an exponent. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/logger/log_form.h"
#include "proto/number.h"
#include "proto/rfc3339.h"
#include "proto/utf8.h"
#include "proto/wire.h"

static void put_escaped(struct text *out, uint32_t character)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (character < sizeof letters && letters[character]) {
        text_put_char(out, '\\');
        text_put_char(out, letters[character]);
    } else if (character < 0x10000) {
        text_printf(out, "\\u%04x", (unsigned)character);
    } else {
        unsigned rest = (unsigned)character - 0x10000;
        text_printf(out, "\\u%04x\\u%04x", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
    }
}

static void put_string(struct text *out, struct span text)
{
    const uint8_t *at = text.data, *end = span_end(text);
    text_put_char(out, '"');
    while (at < end) {
        uint32_t character;
        unsigned len = utf8_decode(at, end, &character);
        if (len == 0)
            break; /* events hold valid UTF-8 only */
        if (character == '"' || character == '\\')
            text_put_char(out, '\\');
        if (character >= 0x20 && character < 0x7f) /* jsoncpp leaves DEL as it is; we do not */
            text_put_char(out, (char)character);
        else
            put_escaped(out, character);
        at += len;
    }
    text_put_char(out, '"');
}

static void put_double(struct text *out, double value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.17g", value);
    text_put_str(out, digits);
    if (!strpbrk(digits, ".e"))
        text_put_str(out, ".0");
}

static void put_value(struct text *out, struct wire_reader *reader);

struct member {
    struct span key;
    struct wire_reader value;
};

static int compare_keys(const void *one, const void *other)
{
    const struct member *a = one, *b = other;
    size_t len = a->key.len < b->key.len ? a->key.len : b->key.len;
    int order = len > 0 ? memcmp(a->key.data, b->key.data, len) : 0;
    return order ? order : (a->key.len > b->key.len) - (a->key.len < b->key.len);
}

static void put_map(struct text *out, struct wire_reader *reader, uint32_t count)
{
    struct member *members = calloc((size_t)count + 1, sizeof *members);
    if (!members) {
        out->failed = true;
        return;
    }
    uint32_t read = 0;
    while (read < count && wire_read_str(reader, &members[read].key)) {
        members[read].value = *reader;
        if (!wire_skip(reader))
            break;
        read++;
    }
    qsort(members, read, sizeof *members, compare_keys);
    text_put_char(out, '{');
    for (uint32_t i = 0; i < read; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_string(out, members[i].key);
        text_put_char(out, ':');
        put_value(out, &members[i].value);
    }
    text_put_char(out, '}');
    free(members);
}

/* A value that has passed the judge: at most 32 deep. */
static void put_value(struct text *out, struct wire_reader *reader)
{
    struct wire_token token;
    char digits[NUMBER_TEXT_MAX];
    switch (wire_read(reader, &token)) {
    case WIRE_BOOL:
        text_put_str(out, token.as.boolean ? "true" : "false");
        break;
    case WIRE_UINT:
        text_put(out, digits, number_write_uint(digits, token.as.u));
        break;
    case WIRE_INT:
        text_put(out, digits, number_write_int(digits, token.as.i));
        break;
    case WIRE_FLOAT:
        put_double(out, token.as.f);
        break;
    case WIRE_STR:
        put_string(out, token.as.bytes);
        break;
    case WIRE_MAP:
        put_map(out, reader, token.as.count);
        break;
    case WIRE_ARRAY:
        text_put_char(out, '[');
        for (uint32_t i = 0; i < token.as.count; i++) {
            if (i > 0)
                text_put_char(out, ',');
            put_value(out, reader);
        }
        text_put_char(out, ']');
        break;
    default:
        text_put_str(out, "null");
    }
}

/* 2025-03-26T14:21:46.315+09:00, in the offset that the event's time has; its receipt in UTC where it has none. */
static void put_time(struct text *out, const struct event *event, uint64_t received_us)
{
    struct rfc3339 time = {(int64_t)(received_us / 1000000), (uint32_t)(received_us % 1000000) * 1000, 0};
    struct tm tm;
    if (event->time.data)
        rfc3339_read(event->time, &time);
    time_t local = (time_t)(time.seconds + (int64_t)time.offset_minutes * 60);
    int offset = abs(time.offset_minutes);
    gmtime_r(&local, &tm);
    text_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03u%c%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                tm.tm_hour, tm.tm_min, tm.tm_sec, time.nanoseconds / 1000000, time.offset_minutes < 0 ? '-' : '+',
                offset / 60, offset % 60);
}

static void put_member(struct text *out, const char *name, struct span text)
{
    text_printf(out, ",\"%s\":", name);
    put_string(out, text);
}

void form_ome_write(struct text *out, const struct event *event, uint64_t received_us)
{
    text_put_str(out, "{\"time\":\"");
    put_time(out, event, received_us);
    text_put_char(out, '"');
    put_member(out, "level", span_of_str(tocsin_level_word(event->level)));
    put_member(out, "category", event->category);
    put_member(out, "type", event->type);
    put_member(out, "sourceId", event->source_id);
    put_member(out, "summary", event->summary);
    if (event->cause.data)
        put_member(out, "cause", event->cause);
    if (event->snapshot.data) {
        struct wire_reader reader = wire_reader_of(event->snapshot);
        text_put_str(out, ",\"snapshot\":");
        put_value(out, &reader);
    }
    text_put_char(out, '}');
}
