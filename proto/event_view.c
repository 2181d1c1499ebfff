/* The view of an event that has passed the judge before. */
#include "proto/event.h"

#include "proto/error.h"
#include "proto/event_key.h"
#include "proto/wire.h"

static bool view_level(struct span text, struct event *event)
{
    int level = level_of_word((const char *)text.data, text.len);
    if (level < 0)
        return false;
    event->level = (enum tocsin_level)level;
    return true;
}

static bool view_member(struct wire_reader *reader, enum key key, struct event *event)
{
    struct span text;
    if (key == KEY_SNAPSHOT) {
        const uint8_t *start = reader->at;
        if (!wire_skip(reader))
            return false;
        event->snapshot = span_of(start, (size_t)(reader->at - start));
        return true;
    }
    if (!wire_read_str(reader, &text))
        return false;
    switch (key) {
    case KEY_TIME:
        event->time = text;
        return true;
    case KEY_LEVEL:
        return view_level(text, event);
    case KEY_CATEGORY:
        event->category = text;
        return text.len <= TOCSIN_CATEGORY_MAX;
    case KEY_TYPE:
        event->type = text;
        return true;
    case KEY_SOURCE_ID:
        event->source_id = text;
        return text.len <= TOCSIN_SOURCE_ID_MAX;
    case KEY_SUMMARY:
        event->summary = text;
        return true;
    case KEY_CAUSE:
        event->cause = text;
        return true;
    default:
        return false;
    }
}

bool event_view(struct span bytes, struct event *event)
{
    struct wire_reader reader = wire_reader_of(bytes);
    *event = (struct event){.bytes = bytes};
    uint32_t pairs;
    if (!wire_read_map(&reader, &pairs))
        return false;
    unsigned seen = 0;
    for (; pairs > 0; pairs--) {
        struct span name;
        if (!wire_read_str(&reader, &name))
            return false;
        enum key key = key_of(name);
        if (!view_member(&reader, key, event))
            return false;
        seen |= 1U << key;
    }
    event->bytes.len = (size_t)(reader.at - bytes.data);
    return (seen & REQUIRED_MASK) == REQUIRED_MASK;
}
