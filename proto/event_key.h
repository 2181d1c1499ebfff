/* The top-level keys of an event: a part of event.c and event_view.c. */
#ifndef PROTO_EVENT_KEY_H
#define PROTO_EVENT_KEY_H

#include "proto/span.h"

enum key { KEY_LEVEL, KEY_CATEGORY, KEY_TYPE, KEY_SOURCE_ID, KEY_SUMMARY, KEY_TIME, KEY_CAUSE, KEY_SNAPSHOT, KEY_NONE };

/* The first five are required; a missing one is named in this order. */
#define REQUIRED_COUNT 5
#define REQUIRED_MASK  ((1U << REQUIRED_COUNT) - 1)

/* KEY_NONE for a name that is no key of an event. */
static inline enum key key_of(struct span name)
{
    switch (name.len) {
    case 4:
        if (memcmp(name.data, "time", 4) == 0)
            return KEY_TIME;
        return memcmp(name.data, "type", 4) == 0 ? KEY_TYPE : KEY_NONE;
    case 5:
        if (memcmp(name.data, "level", 5) == 0)
            return KEY_LEVEL;
        return memcmp(name.data, "cause", 5) == 0 ? KEY_CAUSE : KEY_NONE;
    case 7:
        return memcmp(name.data, "summary", 7) == 0 ? KEY_SUMMARY : KEY_NONE;
    case 8:
        if (memcmp(name.data, "category", 8) == 0)
            return KEY_CATEGORY;
        if (memcmp(name.data, "sourceId", 8) == 0)
            return KEY_SOURCE_ID;
        return memcmp(name.data, "snapshot", 8) == 0 ? KEY_SNAPSHOT : KEY_NONE;
    default:
        return KEY_NONE;
    }
}

#endif
