/* A growing buffer of bytes. One buffer a thread, cleared between uses, so that growing stops after a while.
 *
 * The first failure to grow sticks: later writes do nothing and `failed` stays set until text_clear, so that a writer
 * checks once, at its end. */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "proto/span.h"

struct text {
    char *data; /* not terminated */
    size_t len;
    size_t capacity;
    bool failed;
};

/* Starts empty, without memory. */
void text_init(struct text *text);

/* Frees the memory; the text may be used again after text_init. */
void text_fini(struct text *text);

/* Makes room for `extra` more bytes. False when memory ran out (and then `failed` is set). */
bool text_grow(struct text *text, size_t extra);

/* As text_grow, for the common case that there is room already. */
static inline bool text_reserve(struct text *text, size_t extra)
{
    return text->capacity - text->len >= extra && !text->failed ? true : text_grow(text, extra);
}

/* Forgets the content and any failure, keeps the memory. */
static inline void text_clear(struct text *text)
{
    text->len = 0;
    text->failed = false;
}

static inline void text_put(struct text *text, const void *bytes, size_t len)
{
    if (len == 0 || !text_reserve(text, len))
        return;
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
}

static inline void text_put_str(struct text *text, const char *str)
{
    text_put(text, str, strlen(str));
}

static inline void text_put_char(struct text *text, char byte)
{
    text_put(text, &byte, 1);
}

/* Appends as printf does; a small helper for cold paths. */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static inline struct span text_span(const struct text *text)
{
    return span_of(text->data, text->len);
}

#endif
