/* Between doubles and decimal digits, both ways, in integers only: neither the locale nor the rounding mode matters. */
#ifndef PROTO_DECIMAL_H
#define PROTO_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

struct decimal {
    uint64_t digits; /* without trailing zeros; at most 17 digits when it comes from a double */
    int exponent;    /* the value is digits * 10^exponent */
};

/* The shortest decimal that reads back as |value|, the closest to it where several are as short. `value` is finite and
 * not zero (anything else gives a meaningless decimal, and no harm). */
struct decimal decimal_of_double(double value);

/* Rounds digits * 10^exponent to the nearest double, ties to even. False where 128 bits do not decide it, or the
 * value is out of their range: such numbers are rare and need an exact reader. `digits` is not 0. */
bool decimal_to_double(uint64_t digits, int64_t exponent, double *out);

#endif
