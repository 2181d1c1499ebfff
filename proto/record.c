#include "proto/record.h"

#include "proto/json_put.h"
#include "proto/number.h"
#include "proto/wire.h"

/* Room for what stands around a line's members: its keys, and four numbers. */
#define LINE_ROOM (64 + 4 * NUMBER_TEXT_MAX)

static uint8_t *put_uint(uint8_t *at, uint64_t value)
{
    static const uint8_t tag_of_log2[] = {0xcc, 0xcd, 0xce, 0xcf};
    if (value < 0x80) {
        *at++ = (uint8_t)value;
        return at;
    }
    unsigned log2 = value <= UINT8_MAX ? 0 : value <= UINT16_MAX ? 1 : value <= UINT32_MAX ? 2 : 3;
    *at++ = tag_of_log2[log2];
    for (int shift = (8 << log2) - 8; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

size_t record_write_head(uint8_t *out, uint64_t seq, uint64_t prev, uint64_t received_us)
{
    uint8_t *at = out;
    *at++ = 0x94; /* an array of four */
    at = put_uint(at, seq);
    at = put_uint(at, prev);
    at = put_uint(at, received_us);
    return (size_t)(at - out);
}

/* Reads up to where the event's bytes begin. */
static int read_head(struct span bytes, struct record *out, struct span *event)
{
    if (bytes.len == 0)
        return TOCSIN_E_END;
    struct wire_reader reader = wire_reader_of(bytes);
    uint32_t count;
    if (!wire_read_array(&reader, &count) || count != 4)
        return TOCSIN_E_PROTOCOL;
    if (!wire_read_uint(&reader, &out->seq) || !wire_read_uint(&reader, &out->prev) ||
        !wire_read_uint(&reader, &out->received_us))
        return TOCSIN_E_PROTOCOL;
    *event = span_of(reader.at, (size_t)(reader.end - reader.at));
    return TOCSIN_OK;
}

int record_read(struct span bytes, struct record *out, size_t *used)
{
    struct span event;
    int error = read_head(bytes, out, &event);
    if (error)
        return error;
    if (!event_view(event, &out->event))
        return TOCSIN_E_PROTOCOL;
    *used = (size_t)(event.data - bytes.data) + out->event.bytes.len;
    return TOCSIN_OK;
}

int record_judge(struct event_judge *judge, struct span bytes, struct record *out, size_t *used)
{
    struct span event;
    int error = read_head(bytes, out, &event);
    if (error)
        return error;
    struct refusal refusal;
    size_t len = event_judge(judge, event, &out->event, &refusal);
    if (refusal.code != TOCSIN_ACCEPTED || out->prev >= out->seq)
        return TOCSIN_E_PROTOCOL;
    *used = (size_t)(event.data - bytes.data) + len;
    return TOCSIN_OK;
}

static inline char *put_uint_text(char *at, uint64_t value)
{
    return at + number_write_uint(at, value);
}

void record_write_line(struct text *out, const struct record *record, struct span received,
                       const struct provenance *provenance)
{
    size_t room = json_put_members_room(&record->event) + received.len + provenance->producer.len + LINE_ROOM;
    if (!text_reserve(out, room))
        return;
    char *at = out->data + out->len;
    at = put_uint_text(JSON_PUT_LITERAL(at, "{\"seq\":"), record->seq);
    at = json_put_plain(JSON_PUT_LITERAL(at, ",\"received\":\""), received);
    at = json_put_members(JSON_PUT_LITERAL(at, "\","), &record->event);
    at = put_uint_text(JSON_PUT_LITERAL(at, ",\"prev\":"), record->prev);
    if (provenance->producer.data) {
        at = json_put_plain(JSON_PUT_LITERAL(at, ",\"producer\":\""), provenance->producer);
        at = put_uint_text(JSON_PUT_LITERAL(at, "\",\"n\":"), provenance->n);
    }
    at = put_uint_text(JSON_PUT_LITERAL(at, ",\"batch\":"), provenance->batch);
    out->len = (size_t)(at - out->data);
}
