/* A borrowed run of bytes. Its owner is whoever owns the frame or the file that it points into. */
#ifndef PROTO_SPAN_H
#define PROTO_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *data; /* NULL: absent (an empty string has data and len 0) */
    size_t len;
};

static inline struct span span_of(const void *data, size_t len)
{
    return (struct span){(const uint8_t *)data, len};
}

static inline struct span span_of_str(const char *text)
{
    return span_of(text, strlen(text));
}

/* One past the last byte; arithmetic on the NULL of an absent span is avoided. */
static inline const uint8_t *span_end(struct span span)
{
    return span.data ? span.data + span.len : NULL;
}

static inline bool span_equals(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_equals(a, span_of_str(text));
}

#endif
