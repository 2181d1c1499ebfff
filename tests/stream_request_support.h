/* Messages at the stream door, composed and read. All static: for one test program. */
#ifndef TESTS_STREAM_REQUEST_SUPPORT_H
#define TESTS_STREAM_REQUEST_SUPPORT_H

#include "tests/test_support.h"

#include "broker/stream_request.h"

static struct stream_request request;
static struct text message;
static const char *code;

static inline int init(void **state)
{
    text_init(&message);
    return seed(state);
}

static inline int fini(void **state)
{
    (void)state;
    text_fini(&message);
    return 0;
}

/* Reads a copy of exactly that size; NULL when it is a request. */
static inline const char *read_bytes(struct span bytes)
{
    uint8_t *copy = exact_copy(bytes);
    const char *wrong = stream_request_read(&request, span_of(copy, bytes.len), &code);
    free(copy);
    return wrong;
}

static inline void begin(uint32_t count, const char *verb)
{
    text_clear(&message);
    wire_write_array(&message, count);
    wire_write_str(&message, span_of_str(verb));
}

/* ["open", 1, {of `count` members, the caller's to append}] */
static inline void begin_open(uint32_t count)
{
    begin(3, "open");
    wire_write_uint(&message, 1);
    wire_write_map(&message, count);
}

static inline void put_key(const char *key)
{
    wire_write_str(&message, span_of_str(key));
}

static inline void assert_good(void)
{
    const char *wrong = read_bytes(text_span(&message));
    if (wrong)
        fail_msg("%s", wrong);
}

static inline void assert_wrong(const char *expected_code)
{
    assert_non_null(read_bytes(text_span(&message)));
    assert_string_equal(code, expected_code);
}

#endif
