/* What the tests of proto's core share: cmocka, copies of bytes that a sanitizer can guard, and small events. */
#ifndef TESTS_TEST_SUPPORT_H
#define TESTS_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/span.h"
#include "proto/text.h"
#include "proto/wire.h"
#include "tests/seeded.h"

/* A copy in memory of its own and of exactly this size, so that one byte read beyond it is seen. To be freed. */
static inline uint8_t *exact_copy(struct span bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}

static inline uint64_t random_below(uint64_t limit)
{
    return random_bits() % limit;
}

static inline void put_pair(struct text *out, const char *key, const char *value)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, span_of_str(value));
}

/* The five required members; a map head for `pairs` pairs, of which the others are the caller's to append. */
static inline void begin_event(struct text *out, uint32_t pairs)
{
    text_clear(out);
    wire_write_map(out, pairs);
    put_pair(out, "level", "Info");
    put_pair(out, "category", "StreamEvent");
    put_pair(out, "type", "StreamCreated");
    put_pair(out, "sourceId", "#default#app/stream");
    put_pair(out, "summary", "A new stream has been created");
}

static inline void assert_text_equal(const struct text *text, const char *expected)
{
    assert_false(text->failed);
    assert_int_equal(text->len, strlen(expected));
    assert_memory_equal(text->data, expected, text->len);
}

static inline void assert_span_equal(struct span span, const char *expected)
{
    assert_int_equal(span.len, strlen(expected));
    assert_memory_equal(span.data, expected, span.len);
}

#endif
