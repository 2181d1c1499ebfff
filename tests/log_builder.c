#include "tests/log_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/record.h"
#include "proto/rfc3339.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define SOURCES 10u

void log_builder_init(struct log_builder *builder, struct topics *log_topics)
{
    *builder =
        (struct log_builder){.next_seq = 1, .batch = 1, .received_us = LOG_BUILDER_START_US, .log_topics = log_topics};
    text_init(&builder->lines);
    builder->topics = topics_new(100000, 7);
    assert_non_null(builder->topics);
}

void log_builder_fini(struct log_builder *builder)
{
    text_fini(&builder->lines);
    topics_free(&builder->topics);
}

void log_builder_follow(struct log_builder *builder, const struct log_tail *tail)
{
    builder->next_seq = tail->next_seq;
    if (builder->received_us < tail->received_us)
        builder->received_us = tail->received_us;
    memcpy(builder->hash, tail->hash, CHAIN_HASH_LEN);
    log_builder_begin_batch(builder);
}

void log_builder_begin_batch(struct log_builder *builder)
{
    text_clear(&builder->lines);
    builder->batch = builder->next_seq;
}

static void put_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* The event's map, up to the key of the snapshot where it has one. */
static void put_event(struct text *out, const char *category, const char *type, const char *source_id,
                      const char *summary, bool has_snapshot)
{
    wire_write_map(out, has_snapshot ? 7 : 6);
    put_pair(out, "time", "2026-11-21T18:30:00.125+09:00");
    put_pair(out, "level", "Info");
    put_pair(out, "category", category);
    put_pair(out, "type", type);
    put_pair(out, "sourceId", source_id);
    put_pair(out, "summary", summary);
    if (has_snapshot)
        wire_write_str(out, span_of_str("snapshot"));
}

static void add_line(struct log_builder *builder, const struct text *bytes)
{
    struct record record = {.seq = builder->next_seq, .received_us = builder->received_us};
    struct provenance provenance = {.batch = builder->batch};
    char topic[TOCSIN_TOPIC_MAX];
    char received[RFC3339_US_LEN];
    size_t start = builder->lines.len;

    assert_false(bytes->failed);
    assert_true(event_view(text_span(bytes), &record.event));
    size_t topic_len = event_topic(&record.event, topic);
    record.prev = topics_advance(builder->topics, span_of(topic, topic_len), record.seq);
    if (builder->log_topics != NULL)
        topics_advance(builder->log_topics, span_of(topic, topic_len), record.seq);
    rfc3339_write_us(received, builder->received_us);
    record_write_line(&builder->lines, &record, span_of(received, sizeof received), &provenance);
    chain_end_line(builder->hash, &builder->lines, start);
    assert_false(builder->lines.failed);
    builder->next_seq++;
}

void log_builder_add(struct log_builder *builder, const char *source_id, const char *summary)
{
    struct text bytes;
    text_init(&bytes);
    put_event(&bytes, "StreamEvent", "StreamCreated", source_id, summary, false);
    add_line(builder, &bytes);
    text_fini(&bytes);
}

void log_builder_add_opened(struct log_builder *builder, const struct log_origin *origin)
{
    struct text bytes;
    text_init(&bytes);
    put_event(&bytes, "BrokerEvent", "LogOpened", "tocsin", "A new file of the log begins", true);
    log_origin_write(&bytes, origin);
    add_line(builder, &bytes);
    text_fini(&bytes);
}

void log_builder_add_stopped(struct log_builder *builder)
{
    struct text bytes;
    text_init(&bytes);
    put_event(&bytes, "BrokerEvent", "BrokerStopped", "tocsin", "The broker has stopped", false);
    add_line(builder, &bytes);
    text_fini(&bytes);
}

void log_builder_add_pruned(struct log_builder *builder, uint64_t last_seq, const uint8_t last_hash[CHAIN_HASH_LEN])
{
    char chain[CHAIN_FULL_HEX_LEN];
    struct text bytes;
    chain_write_full_hex(chain, last_hash);
    text_init(&bytes);
    put_event(&bytes, "BrokerEvent", "LogPruned", "tocsin", "A file of the log is removed", true);
    wire_write_map(&bytes, 2);
    wire_write_str(&bytes, span_of_str("lastSeq"));
    wire_write_uint(&bytes, last_seq);
    wire_write_str(&bytes, span_of_str("lastChain"));
    wire_write_str(&bytes, span_of(chain, sizeof chain));
    add_line(builder, &bytes);
    text_fini(&bytes);
}

int log_builder_write(const struct log_builder *builder, struct log_file *log)
{
    return log_file_write(log, text_span(&builder->lines), builder->next_seq - 1, builder->hash, builder->received_us,
                          builder->batch);
}

void log_builder_commit(struct log_builder *builder, struct log_file *log, unsigned count)
{
    char source_id[64];

    log_builder_follow(builder, log_file_tail(log));
    if (log_file_is_fresh(log))
        log_builder_add_opened(builder, log_file_origin(log));
    for (unsigned i = 0; i < count; i++) {
        snprintf(source_id, sizeof source_id, "#default#app/stream-%u", (unsigned)(builder->next_seq % SOURCES));
        log_builder_add(builder, source_id, "A stream of which there is not much to tell has been created");
    }
    assert_int_equal(log_builder_write(builder, log), TOCSIN_OK);
    assert_int_equal(log_file_sync(log), TOCSIN_OK);
}
