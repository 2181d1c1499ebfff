#include "client/stream_encode.h"

#include "proto/error.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

#define VERSION 1

static void write_str(struct text *out, const char *word)
{
    wire_write_str(out, span_of_str(word));
}

static void begin(struct text *out, uint32_t count, const char *verb)
{
    text_clear(out);
    wire_write_array(out, count);
    write_str(out, verb);
}

static void write_from(struct text *out, enum tocsin_from from, uint64_t value)
{
    char time[RFC3339_US_LEN];
    switch (from) {
    case TOCSIN_FROM_NEW:
        write_str(out, "new");
        return;
    case TOCSIN_FROM_FIRST:
        write_str(out, "first");
        return;
    case TOCSIN_FROM_SEQ:
        wire_write_uint(out, value);
        return;
    case TOCSIN_FROM_TIME:
        wire_write_map(out, 1);
        write_str(out, "time");
        rfc3339_write_us(time, value);
        wire_write_str(out, span_of(time, sizeof time));
        return;
    case TOCSIN_FROM_LAST:
        wire_write_map(out, 1);
        write_str(out, "last");
        wire_write_uint(out, value);
        return;
    }
}

/* The prefixes as bin, which holds any bytes; returns how many. */
static size_t put_prefixes(struct text *out, const struct filter_set *filters)
{
    struct text prefixes;
    size_t lens[FILTER_PREFIXES_MAX], total = 0;
    text_init(&prefixes);
    for (size_t i = 0; i < filter_set_count(filters); i++) {
        text_clear(&prefixes);
        size_t count = filter_set_prefixes(filters, i, &prefixes, lens);
        const char *at = prefixes.data;
        for (size_t j = 0; j < count && !prefixes.failed; at += lens[j++])
            wire_write_bin(out, span_of(at, lens[j]));
        out->failed |= prefixes.failed;
        total += count;
    }
    text_fini(&prefixes);
    return total;
}

/* An empty array is everything. */
static void write_filters(struct text *out, const struct filter_set *filters)
{
    struct text encoded;
    size_t count = 0;
    text_init(&encoded);
    if (!filter_set_needs_everything(filters) && !filter_set_is_everything(filters))
        count = put_prefixes(&encoded, filters);
    if (count > STREAM_PREFIXES_MAX) {
        count = 0;
        text_clear(&encoded);
    }
    wire_write_array(out, (uint32_t)count);
    text_put(out, encoded.data, encoded.len);
    out->failed |= encoded.failed;
    text_fini(&encoded);
}

static void write_types(struct text *out, const struct stream_terms *terms)
{
    size_t count = terms->type_count > STREAM_TYPES_MAX ? 0 : terms->type_count;
    wire_write_array(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        write_str(out, terms->types[i]);
}

void stream_encode_open(struct text *out, const struct stream_terms *terms)
{
    begin(out, 3, "open");
    wire_write_uint(out, VERSION);
    wire_write_map(out, 6);
    write_str(out, "from");
    write_from(out, terms->from, terms->from_value);
    write_str(out, "filters");
    write_filters(out, terms->filters);
    write_str(out, "level");
    write_str(out, level_word(terms->min_level));
    write_str(out, "types");
    write_types(out, terms);
    write_str(out, "latest");
    wire_write_bool(out, terms->latest);
    write_str(out, "follow");
    wire_write_bool(out, terms->follow);
}

void stream_encode_credit(struct text *out, uint64_t bytes)
{
    begin(out, 2, "credit");
    wire_write_uint(out, bytes);
}

void stream_encode_latest(struct text *out, const struct filter_set *filters)
{
    begin(out, 2, "latest");
    write_filters(out, filters);
}

void stream_encode_verb(struct text *out, const char *verb)
{
    begin(out, 1, verb);
}
