#include "proto/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/decimal.h"
#include "proto/digits.h"
#include "proto/tocsin_base.h"

/* Python's repr writes an exponent where the first digit's place is below 10^-4 or from 10^16 on. */
#define FIXED_PLACE_MIN (-4)
#define FIXED_PLACE_MAX 15

/* Any number of so many digits fits into a uint64_t. */
#define SAFE_DIGITS 19

/* No double and no midpoint of two has more significant digits than 768: one more digit stands for all that follow. */
#define EXACT_DIGITS 768

static unsigned digit_count(uint64_t value)
{
    unsigned count = 1;
    for (; value >= 10000; value /= 10000)
        count += 4;
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t number_write_uint(char *out, uint64_t value)
{
    if (value < 10) {
        *out = (char)('0' + value);
        return 1;
    }
    unsigned count = digit_count(value);
    unsigned at = count;
    for (; value > UINT32_MAX; value /= 100)
        digits_put_pair(out + (at -= 2), (unsigned)(value % 100));
    /* most are short, and their divisions then too */
    uint32_t rest = (uint32_t)value;
    for (; rest >= 100; rest /= 100)
        digits_put_pair(out + (at -= 2), rest % 100);
    if (at == 2)
        digits_put_pair(out, rest);
    else
        out[0] = (char)('0' + rest);
    return count;
}

size_t number_write_int(char *out, int64_t value)
{
    if (value >= 0)
        return number_write_uint(out, (uint64_t)value);
    *out = '-';
    return 1 + number_write_uint(out + 1, 0 - (uint64_t)value);
}

/* d.ddde-05: `count` digits lie at out[0]. */
static size_t write_exponent(char *out, size_t count, int place)
{
    size_t len = count;
    if (count > 1) {
        memmove(out + 2, out + 1, count - 1);
        out[1] = '.';
        len++;
    }
    unsigned magnitude = (unsigned)(place < 0 ? -place : place);
    out[len++] = 'e';
    out[len++] = place < 0 ? '-' : '+';
    if (magnitude < 10)
        out[len++] = '0';
    return len + number_write_uint(out + len, magnitude);
}

/* 0.000ddd, ddd.ddd or ddd000.0: `count` digits lie at out[0], the first of them stands for 10^place. */
static size_t write_fixed(char *out, size_t count, int place)
{
    if (place < 0) {
        size_t lead = (size_t)(1 - place);
        memmove(out + lead, out, count);
        memset(out, '0', lead);
        out[1] = '.';
        return lead + count;
    }
    size_t whole = (size_t)place + 1;
    if (whole < count) {
        memmove(out + whole + 1, out + whole, count - whole);
        out[whole] = '.';
        return count + 1;
    }
    memset(out + count, '0', whole - count);
    memcpy(out + whole, ".0", 2);
    return whole + 2;
}

size_t number_write_double(char *out, double value)
{
    size_t sign = 0;
    if (signbit(value))
        out[sign++] = '-';
    out += sign;
    double magnitude = fabs(value);

    if (magnitude < 0x1p53 && magnitude == (double)(uint64_t)magnitude) {
        size_t len = number_write_uint(out, (uint64_t)magnitude);
        memcpy(out + len, ".0", 2);
        return sign + len + 2;
    }
    struct decimal d = decimal_of_double(magnitude);
    size_t count = number_write_uint(out, d.digits);
    int place = (int)count - 1 + d.exponent;
    if (place < FIXED_PLACE_MIN || place > FIXED_PLACE_MAX)
        return sign + write_exponent(out, count, place);
    return sign + write_fixed(out, count, place);
}

/* Appends decimal digits to `*digits` (modulo 2^64); returns where they end. */
static const char *take_digits(const char *p, const char *end, uint64_t *digits)
{
    uint64_t value = *digits;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9)
            break;
        value = value * 10 + digit;
    }
    *digits = value;
    return p;
}

static int make_integer(const char *text, size_t count, uint64_t value, bool negative, struct number *out)
{
    /* Of 20 digits only 1… can fit, and then what wrapped around has lost its place. */
    bool fits =
        count <= SAFE_DIGITS || (count == SAFE_DIGITS + 1 && *text == '1' && value >= UINT64_C(10000000000000000000));
    if (!fits || (negative && value > (uint64_t)INT64_MAX + 1))
        return TOCSIN_E_INVALID;
    if (negative && value > 0)
        *out = (struct number){.kind = NUMBER_INT, .as.i = -(int64_t)(value - 1) - 1};
    else
        *out = (struct number){.kind = NUMBER_UINT, .as.u = value};
    return 0;
}

/* The mantissa from `p` to `end` (its point does not count), times 10^exponent, by the C library. Its text is written
 * anew: bounded, ended by a NUL, and without a point, so that no locale reads it differently. */
static double read_exactly(const char *p, const char *end, int64_t exponent)
{
    char text[EXACT_DIGITS + 1 + 1 + NUMBER_TEXT_MAX + 1]; /* digits, sticky digit, e, exponent, NUL */
    size_t len = 0;
    bool sticky = false;
    for (; p < end; p++) {
        if (*p == '.' || (len == 0 && *p == '0'))
            continue;
        if (len < EXACT_DIGITS) {
            text[len++] = *p;
            continue;
        }
        sticky = sticky || *p != '0';
        exponent++;
    }
    text[len++] = sticky ? '1' : '0';
    exponent--;
    text[len++] = 'e';
    len += number_write_int(text + len, exponent);
    text[len] = '\0';
    return strtod(text, NULL);
}

/* Takes an exponent's sign and digits; NULL where there is none. Beyond any sense it stays where it is. */
static const char *take_exponent(const char *p, const char *end, int64_t *exponent)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const char *first = p;
    int64_t value = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (value < INT64_MAX / 100)
            value = value * 10 + (*p - '0');
    }
    *exponent = negative ? -value : value;
    return p == first ? NULL : p;
}

/* From `p`, behind the whole digits that begin at `first`, with a point or an exponent there. */
static int read_double(const char *first, const char *p, const char *end, uint64_t digits, double *out,
                       const char **stop)
{
    size_t count = *first == '0' ? 0 : (size_t)(p - first);
    int64_t exponent = 0;
    int64_t decimals = 0;
    if (*p == '.') {
        const char *fraction = ++p;
        while (count == 0 && p < end && *p == '0')
            p++;
        const char *significant = p;
        p = take_digits(p, end, &digits);
        count += (size_t)(p - significant);
        decimals = p - fraction;
        if (decimals == 0)
            return TOCSIN_E_SYNTAX;
    }
    const char *mantissa_end = p;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = take_exponent(p + 1, end, &exponent);
        if (!p)
            return TOCSIN_E_SYNTAX;
    }
    *stop = p;
    exponent -= decimals;
    if (count == 0)
        *out = 0.0;
    else if (count > SAFE_DIGITS || !decimal_to_double(digits, exponent, out))
        *out = read_exactly(first, mantissa_end, exponent);
    return isinf(*out) ? TOCSIN_E_INVALID : 0;
}

int number_read(const char *text, size_t len, struct number *out, size_t *used)
{
    const char *end = text + len;
    bool negative = len > 0 && *text == '-';
    const char *first = text + negative;
    uint64_t digits = 0;
    const char *p = take_digits(first, end, &digits);
    if (p == first || (*first == '0' && p - first > 1))
        return TOCSIN_E_SYNTAX;

    int rc;
    if (p < end && (*p == '.' || *p == 'e' || *p == 'E')) {
        double value;
        rc = read_double(first, p, end, digits, &value, &p);
        if (rc == 0)
            *out = (struct number){.kind = NUMBER_DOUBLE, .as.d = negative ? -value : value};
    } else {
        rc = make_integer(first, (size_t)(p - first), digits, negative, out);
    }
    if (rc == 0)
        *used = (size_t)(p - text);
    return rc;
}
