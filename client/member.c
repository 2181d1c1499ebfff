#include "client/member.h"

#include "client/escape.h"
#include "proto/json.h"
#include "proto/number.h"
#include "proto/rfc3339.h"
#include "proto/wire.h"

/* [123] at the start of `path`; the length, 0: it is none. */
static size_t read_index(struct span path, struct member_step *step)
{
    uint64_t index = 0;
    size_t at = 1;
    while (at < path.len && path.data[at] >= '0' && path.data[at] <= '9' && index <= UINT32_MAX)
        index = index * 10 + (uint64_t)(path.data[at++] - '0');
    if (at == 1 || at == path.len || path.data[at] != ']' || index > UINT32_MAX)
        return 0;
    *step = (struct member_step){.is_index = true, .index = (uint32_t)index};
    return at + 1;
}

bool member_take_step(struct span *path, bool is_first, struct member_step *step)
{
    size_t used = 0;
    if (path->data[0] == '[' && !is_first) {
        used = read_index(*path, step);
    } else {
        size_t start = is_first ? 0 : 1;
        if (!is_first && path->data[0] != '.')
            return false;
        used = start;
        while (used < path->len && path->data[used] != '.' && path->data[used] != '[' && path->data[used] != ']')
            used++;
        *step = (struct member_step){.name = span_of(path->data + start, used - start)};
        if (used == start)
            return false;
    }
    *path = span_of(path->data + used, path->len - used);
    return used > 0;
}

bool member_is_path(struct span path)
{
    struct member_step step;
    if (path.len == 0)
        return false;
    for (bool is_first = true; path.len > 0; is_first = false) {
        if (!member_take_step(&path, is_first, &step))
            return false;
    }
    return true;
}

/* Moves the reader to the value that the step names in the value that it is at. */
static bool enter(struct wire_reader *reader, const struct member_step *step)
{
    uint32_t count;
    if (step->is_index) {
        if (!wire_read_array(reader, &count) || step->index >= count)
            return false;
        for (uint32_t i = 0; i < step->index; i++) {
            if (!wire_skip(reader))
                return false;
        }
        return true;
    }
    if (!wire_read_map(reader, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct span key;
        if (!wire_read_str(reader, &key))
            return false;
        if (span_equals(key, step->name))
            return true;
        if (!wire_skip(reader))
            return false;
    }
    return false;
}

struct span member_find(const struct tocsin_message *message, struct span path)
{
    struct wire_reader reader = wire_reader_of(span_of(message->event.data, message->event.len));
    struct member_step step;
    for (bool is_first = true; path.len > 0; is_first = false) {
        if (!member_take_step(&path, is_first, &step) || !enter(&reader, &step))
            return span_of(NULL, 0);
    }
    const uint8_t *start = reader.at;
    return wire_skip(&reader) ? span_of(start, (size_t)(reader.at - start)) : span_of(NULL, 0);
}

static void put_value(struct text *out, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    struct span string;
    if (wire_read_str(&reader, &string))
        escape_text(out, string);
    else
        json_write_value(out, value);
}

static void put_uint(struct text *out, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    text_put(out, digits, number_write_uint(digits, value));
}

/* What the broker has added; false: none of that. */
static bool put_added(struct text *out, const struct tocsin_message *message, struct span path)
{
    char received[RFC3339_US_LEN];
    rfc3339_write_us(received, message->received_us);
    if (span_is(path, "seq"))
        put_uint(out, message->seq);
    else if (span_is(path, "prev"))
        put_uint(out, message->prev);
    else if (span_is(path, "topic"))
        escape_text(out, span_of(message->topic.data, message->topic.len));
    else if (span_is(path, "received"))
        text_put(out, received, sizeof received);
    else
        return false;
    return true;
}

void member_put(struct text *out, const struct tocsin_message *message, struct span path)
{
    if (put_added(out, message, path))
        return;
    struct span value = member_find(message, path);
    if (value.data)
        put_value(out, value);
}
