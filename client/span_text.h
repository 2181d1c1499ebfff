/* Bytes as text ended by NUL. */
#ifndef CLIENT_SPAN_TEXT_H
#define CLIENT_SPAN_TEXT_H

#include <stdlib.h>

#include "proto/span.h"

/* A copy, to be freed by the caller; NULL when out of memory. Not strndup: that may look behind the last byte, which
 * here nothing ends. */
static inline char *span_text(struct span span)
{
    char *text = malloc(span.len + 1);
    if (!text)
        return NULL;
    if (span.len > 0)
        memcpy(text, span.data, span.len);
    text[span.len] = '\0';
    return text;
}

#endif
