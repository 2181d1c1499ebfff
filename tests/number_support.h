/* What both tests of numbers need: a reader that a sanitizer can watch, random numbers, doubles as bits. */
#ifndef TESTS_NUMBER_SUPPORT_H
#define TESTS_NUMBER_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/number.h"
#include "proto/tocsin_base.h"
#include "tests/seeded.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define RANDOM_COUNT 200000

static inline uint64_t random_magnitude(void)
{
    return random_bits() >> random_bits() % 64;
}

static inline uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double random_finite(void)
{
    double value;
    do
        value = double_of(random_bits());
    while (!isfinite(value));
    return value;
}

/* Reads from a copy that ends where the text ends, so that a sanitizer sees any look beyond. */
static inline int read_text(const char *text, size_t len, struct number *out, size_t *used)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    *used = SIZE_MAX;
    int rc = number_read(copy, len, out, used);
    free(copy);
    return rc;
}

static inline struct number read_whole(const char *text, size_t len)
{
    struct number n;
    size_t used;
    int rc = read_text(text, len, &n, &used);
    if (rc != 0 || used != len)
        fail_msg("%.*s: error %d, %zu bytes used", (int)(len < 80 ? len : 80), text, rc, used);
    return n;
}

static inline void assert_reads_as(const char *text, size_t len, double want)
{
    struct number n = read_whole(text, len);
    assert_int_equal(n.kind, NUMBER_DOUBLE);
    if (bits_of(n.as.d) != bits_of(want))
        fail_msg("%.*s: read as %a, not %a", (int)(len < 80 ? len : 80), text, n.as.d, want);
}

#endif
