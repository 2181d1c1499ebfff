#include "proto/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

void text_init(struct text *text)
{
    *text = (struct text){NULL, 0, 0, false};
}

void text_fini(struct text *text)
{
    free(text->data);
    text_init(text);
}

bool text_grow(struct text *text, size_t extra)
{
    if (text->failed)
        return false;
    if (text->capacity - text->len >= extra)
        return true;
    if (extra > SIZE_MAX / 2 - text->len) {
        text->failed = true;
        return false;
    }
    size_t needed = text->len + extra;
    size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    /* one byte more: vsnprintf insists on its NUL */
    if (len < 0)
        text->failed = true;
    else if (text_reserve(text, (size_t)len + 1)) {
        vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
        text->len += (size_t)len;
    }
    va_end(again);
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}
