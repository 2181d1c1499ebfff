#include "broker/admitted.h"

size_t admitted_size(const struct event *event, const struct append_origin *origin)
{
    return sizeof(struct admitted) + event->bytes.len + (origin ? origin->producer.len : 0);
}

static struct admitted_part part_of(const struct event *event, struct span part)
{
    if (!part.data)
        return (struct admitted_part){UINT32_MAX, 0};
    return (struct admitted_part){(uint32_t)(part.data - event->bytes.data), (uint32_t)part.len};
}

void admitted_put(void *message, const struct event *event, const struct append_origin *origin, uint64_t received_us)
{
    struct admitted *admitted = message;
    *admitted = (struct admitted){
        .received_us = received_us,
        .event_len = (uint32_t)event->bytes.len,
        .kind = ADMITTED_EVENT,
        .level = (uint8_t)event->level,
        .time = part_of(event, event->time),
        .category = part_of(event, event->category),
        .type = part_of(event, event->type),
        .source_id = part_of(event, event->source_id),
        .summary = part_of(event, event->summary),
        .cause = part_of(event, event->cause),
        .snapshot = part_of(event, event->snapshot),
    };
    uint8_t *bytes = (uint8_t *)(admitted + 1);
    memcpy(bytes, event->bytes.data, event->bytes.len);
    if (!origin)
        return;
    admitted->n = origin->n;
    admitted->producer_slot = origin->slot;
    admitted->producer_len = (uint8_t)origin->producer.len;
    memcpy(bytes + event->bytes.len, origin->producer.data, origin->producer.len);
}

static struct span view_part(const uint8_t *bytes, struct admitted_part part)
{
    return part.offset == UINT32_MAX ? (struct span){NULL, 0} : span_of(bytes + part.offset, part.len);
}

void admitted_view(const struct admitted *admitted, struct event *event, struct span *producer)
{
    const uint8_t *bytes = (const uint8_t *)(admitted + 1);
    *producer = admitted->producer_len > 0 ? span_of(bytes + admitted->event_len, admitted->producer_len)
                                           : (struct span){NULL, 0};
    *event = (struct event){
        .bytes = span_of(bytes, admitted->event_len),
        .time = view_part(bytes, admitted->time),
        .category = view_part(bytes, admitted->category),
        .type = view_part(bytes, admitted->type),
        .source_id = view_part(bytes, admitted->source_id),
        .summary = view_part(bytes, admitted->summary),
        .cause = view_part(bytes, admitted->cause),
        .snapshot = view_part(bytes, admitted->snapshot),
        .level = (enum tocsin_level)admitted->level,
    };
}
