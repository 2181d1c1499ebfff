#include "broker/log_lasts.h"

#include <sodium.h>

#include "broker/log_lines.h"
#include "broker/pruned.h"
#include "proto/tocsin_base.h"

void log_lasts_clear(struct log_lasts lasts)
{
    if (lasts.topics)
        topics_clear(lasts.topics);
    if (lasts.producers)
        producers_clear(lasts.producers);
}

static void advance_topic(struct topics *topics, const struct line *line, struct text *scratch)
{
    uint8_t topic[TOCSIN_TOPIC_MAX];
    size_t len = log_lines_topic(line, scratch, topic);
    if (len > 0)
        topics_advance(topics, span_of(topic, len), line->seq);
}

static void advance_producer(struct producers *producers, const struct line *line)
{
    struct producer_last last = {.n = line->n, .seq = line->seq};
    sodium_hex2bin(last.hash, sizeof last.hash, (const char *)line->hash.data, line->hash.len, NULL, NULL, NULL);
    producers_advance(producers, line->producer, &last);
}

/* Those whose lines have been removed. */
static void take_kept_producers(struct producers *producers, const struct line *line, struct text *scratch)
{
    struct event event;
    text_clear(scratch);
    if (line_read_event(line, scratch, NULL) == TOCSIN_OK && event_view(text_span(scratch), &event))
        pruned_take_producers(&event, producers);
}

void log_lasts_advance(struct log_lasts lasts, const struct line *line, struct text *scratch)
{
    if (lasts.topics)
        advance_topic(lasts.topics, line, scratch);
    if (lasts.producers && line->producer.data)
        advance_producer(lasts.producers, line);
    else if (lasts.producers && span_is(line->type, "LogPruned") && span_is(line->category, "BrokerEvent"))
        take_kept_producers(lasts.producers, line, scratch);
}
