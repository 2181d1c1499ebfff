/* Out: Schubfach, after Raffaele Giulietti, "The Schubfach way to render doubles" (2020). In: the product that Eisel
 * and Lemire use ("Number parsing at a gigabyte per second", 2021), with the decision taken from bounds. Both need no
 * more than the first 128 bits of a power of ten. */
#include "proto/decimal.h"

#include <stddef.h>
#include <string.h>

#define POWER_MIN       (-292)
#define POWER_MAX       324
#define POWER_EXACT_MAX 55 /* 5^55 is the last to fit into 128 bits */

#define FRACTION_BITS 52
#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)
#define EXPONENT_BIAS 1023
#define EXPONENT_MAX  2046 /* of a finite double, biased */

struct wide {
    uint64_t high;
    uint64_t low;
};

/* From 2^127 to below 2^128, cut off: the true power is below low + 1. */
static const struct wide powers[] = {
#define POWER_OF_TEN(exponent, high, low) {high, low},
#include "proto/power_of_ten.def"
#undef POWER_OF_TEN
};

static bool power_is_exact(int exponent)
{
    return exponent >= 0 && exponent <= POWER_EXACT_MAX;
}

/* floor(log2(10^exponent)), for |exponent| up to 1233. */
static int floor_log2_of_power(int exponent)
{
    return exponent * 1741647 >> 19;
}

#ifdef __SIZEOF_INT128__
static struct wide multiply(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 uint128;
    uint128 product = (uint128)a * b;
    return (struct wide){.high = (uint64_t)(product >> 64), .low = (uint64_t)product};
}
#else /* 32-bit machines */
static struct wide multiply(uint64_t a, uint64_t b)
{
    uint64_t a_high = a >> 32, a_low = a & UINT32_MAX;
    uint64_t b_high = b >> 32, b_low = b & UINT32_MAX;
    uint64_t low = a_low * b_low;
    uint64_t middle = a_high * b_low + (low >> 32);
    uint64_t other = a_low * b_high + (middle & UINT32_MAX);
    return (struct wide){
        .high = a_high * b_high + (middle >> 32) + (other >> 32),
        .low = other << 32 | (low & UINT32_MAX),
    };
}
#endif

/* power * factor / 2^128, rounded to odd: the lowest bit also says that something was cut off. A power that is too
 * large by less than one adds at most 1 to `fraction`, and a true fraction is either 0 or far from both its ends (the
 * paper's theorem), so 1 counts as 0. */
static uint64_t scale(struct wide power, uint64_t factor)
{
    uint64_t carry = multiply(power.low, factor).high;
    struct wide product = multiply(power.high, factor);
    uint64_t fraction = product.low + carry;
    uint64_t whole = product.high + (fraction < carry);
    return whole | (fraction > 1);
}

/* At most 15 of them: 17 digits that end in a zero have been tried without it before. */
static struct decimal without_trailing_zeros(struct decimal d)
{
    static const struct {
        uint32_t divisor;
        int zeros;
    } steps[] = {{100000000, 8}, {10000, 4}, {100, 2}, {10, 1}};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        uint64_t quotient = d.digits / steps[i].divisor;
        if (quotient * steps[i].divisor == d.digits) {
            d.digits = quotient;
            d.exponent += steps[i].zeros;
        }
    }
    return d;
}

/* The decimal for value = v * 10^k, whose neighbours' midpoints are at lower and upper; all in quarters of 10^k.
 * The interval between the midpoints holds at least one multiple of 10^k and at most one of 10^(k+1). */
static struct decimal shortest_between(uint64_t lower, uint64_t v, uint64_t upper, int k)
{
    uint64_t down = v / 4;
    uint64_t tens = down / 10;
    bool tens_down_fits = lower <= 40 * tens;
    bool tens_up_fits = 40 * tens + 40 <= upper;
    if (tens_down_fits != tens_up_fits)
        return without_trailing_zeros((struct decimal){tens + tens_up_fits, k + 1});

    bool down_fits = lower <= 4 * down;
    bool up_fits = 4 * down + 4 <= upper;
    if (down_fits != up_fits)
        return without_trailing_zeros((struct decimal){down + up_fits, k});

    uint64_t half = 4 * down + 2;
    bool round_up = v > half || (v == half && (down & 1));
    return without_trailing_zeros((struct decimal){down + round_up, k});
}

struct decimal decimal_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & FRACTION_MASK;
    int biased = (int)(bits >> FRACTION_BITS & 0x7ff);

    uint64_t mantissa = biased ? fraction | (FRACTION_MASK + 1) : fraction;
    int exponent = (biased ? biased : 1) - EXPONENT_BIAS - FRACTION_BITS;
    /* At a power of two the neighbour below is half as far as the one above. */
    bool lower_is_closer = fraction == 0 && biased > 1;
    /* A midpoint reads back as the even one of its two neighbours. */
    bool midpoints_fit = mantissa % 2 == 0;

    /* 10^k is the largest power not above the width of the interval: floor(log10(width)). */
    int k = (exponent * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22;
    struct wide power = powers[-k - POWER_MIN];
    power.low += !power_is_exact(-k); /* never overflows: no entry ends in 64 ones */
    int shift = exponent + floor_log2_of_power(-k) + 1;

    uint64_t lower = scale(power, (4 * mantissa - 2 + lower_is_closer) << shift);
    uint64_t v = scale(power, (4 * mantissa) << shift);
    uint64_t upper = scale(power, (4 * mantissa + 2) << shift);
    return shortest_between(lower + !midpoints_fit, v, upper - !midpoints_fit, k);
}

bool decimal_to_double(uint64_t digits, int64_t exponent, double *out)
{
    if (exponent < POWER_MIN || exponent > POWER_MAX)
        return false;
    int e = (int)exponent;
    int zeros = __builtin_clzll(digits);
    struct wide power = powers[e - POWER_MIN];
    bool exact = power_is_exact(e);

    /* The product's 192 bits: high, low, rest. */
    struct wide upper = multiply(digits << zeros, power.high);
    struct wide lower = multiply(digits << zeros, power.low);
    uint64_t rest = lower.low;
    uint64_t low = upper.low + lower.high;
    uint64_t high = upper.high + (low < lower.high);
    int top = (int)(high >> 63);
    if (!top) {
        high = high << 1 | low >> 63;
        low = low << 1 | rest >> 63;
        rest <<= 1;
    }

    /* The upper 53 bits are the mantissa, the next 11 and `low` say where between two doubles the product is. A power
     * that was cut off makes the true product larger, by less than 4 in `low`. */
    unsigned below = high & 0x7ff;
    if (!exact && below == 0x3ff && low >= UINT64_MAX - 3)
        return false;
    bool above_half = below > 0x400 || (below == 0x400 && (low > 0 || rest > 0 || !exact));
    bool at_half = below == 0x400 && !above_half;
    uint64_t mantissa = high >> 11;
    mantissa += above_half || (at_half && (mantissa & 1));

    int biased = 63 + top + floor_log2_of_power(e) - zeros + EXPONENT_BIAS;
    biased += (int)(mantissa >> (FRACTION_BITS + 1)); /* rounded up to the next power of two: the fraction is 0 */
    /* It is never subnormal: 10^-292 is far above. */
    if (biased > EXPONENT_MAX)
        return false;
    uint64_t bits = (uint64_t)biased << FRACTION_BITS | (mantissa & FRACTION_MASK);
    memcpy(out, &bits, sizeof bits);
    return true;
}
