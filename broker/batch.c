#include "broker/batch.h"

/* No byte of a checked event becomes more than six characters ("\u001b", "false,"); the rest of a line is below 1 KiB.
 */
#define LINE_GROWTH 6
#define LINE_EXTRA  1024

/* Buffers that grew beyond this are given back when they are not needed. */
#define KEPT_LEN ((size_t)1 << 20)

#define FRAME_EXTRA (sizeof(struct batch_frame) + TOCSIN_TOPIC_MAX + RECORD_HEAD_MAX + 8)

void batch_init(struct batch *batch, struct topics *topics, uint64_t next_seq, uint64_t received_us,
                const uint8_t hash[CHAIN_HASH_LEN])
{
    *batch = (struct batch){.topics = topics,
                            .next_seq = next_seq,
                            .first_seq = next_seq,
                            .received_us = received_us,
                            .frame_at = SIZE_MAX};
    memcpy(batch->hash, hash, CHAIN_HASH_LEN);
    rfc3339_write_us(batch->received_text, 0);
    text_init(&batch->lines);
    text_init(&batch->frames);
    text_init(&batch->timed);
}

void batch_fini(struct batch *batch)
{
    text_fini(&batch->lines);
    text_fini(&batch->frames);
    text_fini(&batch->timed);
}

void batch_begin(struct batch *batch, bool is_new_group)
{
    size_t len = batch->lines.len > batch->frames.len ? batch->lines.len : batch->frames.len;
    if (len > batch->peak_len)
        batch->peak_len = len;
    text_clear(&batch->lines);
    text_clear(&batch->frames);
    batch->event_count = 0;
    batch->taken_len = 0;
    batch->frame_at = SIZE_MAX;
    if (is_new_group)
        batch->first_seq = batch->next_seq;
}

void batch_begin_group(struct batch *batch, uint64_t first_seq)
{
    batch->first_seq = first_seq;
}

void batch_take_lines(struct batch *batch, struct text *lines)
{
    struct text taken = batch->lines;
    if (taken.len > batch->peak_len)
        batch->peak_len = taken.len;
    batch->taken_len += taken.len;
    batch->lines = *lines;
    *lines = taken;
}

static void trim(struct text *text, size_t peak_len)
{
    if (text->capacity > KEPT_LEN && text->capacity / 4 > peak_len)
        text_fini(text);
}

void batch_trim(struct batch *batch)
{
    if (batch->event_count > 0)
        return;
    trim(&batch->lines, batch->peak_len);
    trim(&batch->frames, batch->peak_len);
    trim(&batch->timed, batch->peak_len);
    batch->peak_len = 0;
}

static struct batch_frame *frame_of(struct batch *batch)
{
    return (struct batch_frame *)(void *)(batch->frames.data + batch->frame_at);
}

static bool frame_has_topic(struct batch *batch, struct span topic)
{
    const char *bytes = (const char *)(frame_of(batch) + 1);
    return frame_of(batch)->len > topic.len && bytes[topic.len] == '\0' && memcmp(bytes, topic.data, topic.len) == 0;
}

static void begin_frame(struct batch *batch, struct span topic)
{
    static const char padding[8] = {0};
    size_t rest = batch->frames.len % 8;
    if (rest > 0)
        text_put(&batch->frames, padding, 8 - rest);
    batch->frame_at = batch->frames.len;
    struct batch_frame frame = {(uint32_t)topic.len + 1, 0, 0};
    text_put(&batch->frames, &frame, sizeof frame);
    text_put(&batch->frames, topic.data, topic.len);
    text_put_char(&batch->frames, '\0');
}

static void put_frame(struct batch *batch, const struct record *record, struct span topic)
{
    uint8_t head[RECORD_HEAD_MAX];
    size_t head_len = record_write_head(head, record->seq, record->prev, record->received_us);
    size_t len = head_len + record->event.bytes.len;
    if (batch->frame_at == SIZE_MAX || frame_of(batch)->len + len > BATCH_FRAME_LEN_MAX ||
        !frame_has_topic(batch, topic))
        begin_frame(batch, topic);
    text_put(&batch->frames, head, head_len);
    text_put(&batch->frames, record->event.bytes.data, record->event.bytes.len);
    struct batch_frame *frame = frame_of(batch);
    frame->len += (uint32_t)len;
    frame->event_count++;
    frame->last_seq = record->seq;
}

/* The event as it will stand in the record: with a time. */
static bool add_time(struct batch *batch, struct event *event)
{
    struct span received = span_of(batch->received_text, RFC3339_US_LEN);
    text_clear(&batch->timed);
    event_write_with_time(&batch->timed, event, received);
    if (batch->timed.failed)
        return false;
    event->bytes = text_span(&batch->timed);
    event->time = received;
    return true;
}

static void stamp(struct batch *batch, uint64_t received_us)
{
    if (received_us > batch->received_us)
        batch->received_us = received_us;
    if (batch->received_text_us != batch->received_us) {
        rfc3339_write_us(batch->received_text, batch->received_us);
        batch->received_text_us = batch->received_us;
    }
}

bool batch_add(struct batch *batch, const struct event *event, uint64_t received_us, struct span producer, uint64_t n)
{
    struct record record = {.seq = batch->next_seq, .event = *event};
    stamp(batch, received_us);
    record.received_us = batch->received_us;
    if (!event->time.data && !add_time(batch, &record.event))
        return false;
    size_t len = record.event.bytes.len;
    if (!text_reserve(&batch->lines, LINE_GROWTH * len + LINE_EXTRA) ||
        !text_reserve(&batch->frames, len + FRAME_EXTRA)) {
        batch->lines.failed = batch->frames.failed = false;
        return false;
    }
    /* from here nothing fails */
    char topic_bytes[TOCSIN_TOPIC_MAX];
    struct span topic = span_of(topic_bytes, event_topic(event, topic_bytes));
    record.prev = topics_advance(batch->topics, topic, record.seq);
    size_t line_at = batch->lines.len;
    struct provenance provenance = {.producer = producer, .n = n, .batch = batch->first_seq};
    record_write_line(&batch->lines, &record, span_of(batch->received_text, RFC3339_US_LEN), &provenance);
    chain_end_line(batch->hash, &batch->lines, line_at);
    put_frame(batch, &record, topic);
    batch->next_seq++;
    batch->event_count++;
    return true;
}

bool batch_next_frame(const struct batch *batch, size_t *at, struct batch_frame *frame, struct span *bytes)
{
    size_t start = (*at + 7) & ~(size_t)7;
    if (start >= batch->frames.len)
        return false;
    memcpy(frame, batch->frames.data + start, sizeof *frame);
    *bytes = span_of(batch->frames.data + start + sizeof *frame, frame->len);
    *at = start + sizeof *frame + frame->len;
    return true;
}
