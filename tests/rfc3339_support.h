/* What both tests of times need: a reader that a sanitizer can watch. */
#ifndef TESTS_RFC3339_SUPPORT_H
#define TESTS_RFC3339_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/rfc3339.h"
#include "tests/seeded.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Reads from a copy that ends where the text ends, so that a sanitizer sees any look beyond. */
static inline bool read_bytes(const char *text, size_t len, struct rfc3339 *out)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool valid = rfc3339_read(span_of(copy, len), out);
    assert_int_equal(rfc3339_read(span_of(copy, len), NULL), valid);
    free(copy);
    return valid;
}

#endif
