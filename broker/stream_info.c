#include "broker/stream_internal.h"
#include "proto/wire.h"

#define FIRST_AGE_US 100000

enum counter {
#define STATS(kind, field, name, help) COUNTER_##field,
#include "broker/stats.def"
    COUNTER_COUNT
};

static void put_uint(struct text *out, const char *key, uint64_t value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_uint(out, value);
}

static void put_str(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

int stream_find_first(struct stream *stream, uint64_t *first_seq)
{
    int error = 0;
    if (stream->first_seq == 0 || stream->now_us - stream->first_at_us > FIRST_AGE_US) {
        error = log_reader_first(stream->reader, &stream->first_seq);
        stream->first_at_us = stream->now_us;
    }
    *first_seq = stream->first_seq;
    return error;
}

void stream_write_info(struct stream *stream)
{
    const struct stats *stats = stream->options.stats;
    struct text *out = &stream->out;
    uint64_t first_seq;
    if (stream_find_first(stream, &first_seq) < 0)
        first_seq = 0;
    stream_write_verb(stream, 2, "info");
    wire_write_map(out, 8);
    put_str(out, "version", stream->options.version);
    put_str(out, "log_id", stream->options.log_id);
    put_uint(out, "first", first_seq);
    put_uint(out, "head", stats_get(&stats->head_seq));
    put_uint(out, "durable", stats_get(&stats->durable_seq));
    put_uint(out, "uptime_s", (stream->now_us - stats->started_us) / 1000000);
    put_uint(out, "sessions", stream_table_count(stream->table));
    wire_write_str(out, span_of_str("counters"));
    wire_write_map(out, COUNTER_COUNT);
#define STATS(kind, field, name, help) put_uint(out, #field, stats_get(&stats->field));
#include "broker/stats.def"
}
