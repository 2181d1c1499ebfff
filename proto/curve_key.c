#include "proto/curve_key.h"

/* Four bytes are five digits of base 85, the highest first. */
#define GROUP_BYTES  4
#define GROUP_DIGITS 5

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool curve_key_read(uint8_t key[CURVE_KEY_LEN], struct span z85)
{
    if (z85.len != CURVE_Z85_LEN)
        return false;
    for (size_t group = 0; group < CURVE_Z85_LEN / GROUP_DIGITS; group++) {
        uint64_t value = 0;
        for (size_t i = 0; i < GROUP_DIGITS; i++) {
            const char *digit = memchr(digits, z85.data[group * GROUP_DIGITS + i], sizeof digits - 1);
            if (!digit)
                return false;
            value = value * 85 + (uint64_t)(digit - digits);
        }
        if (value > UINT32_MAX)
            return false;
        for (size_t i = 0; i < GROUP_BYTES; i++)
            key[group * GROUP_BYTES + i] = (uint8_t)(value >> (8 * (GROUP_BYTES - 1 - i)));
    }
    return true;
}

void curve_key_write(char z85[CURVE_Z85_LEN + 1], const uint8_t key[CURVE_KEY_LEN])
{
    for (size_t group = 0; group < CURVE_KEY_LEN / GROUP_BYTES; group++) {
        uint32_t value = 0;
        for (size_t i = 0; i < GROUP_BYTES; i++)
            value = value << 8 | key[group * GROUP_BYTES + i];
        for (size_t i = GROUP_DIGITS; i-- > 0; value /= 85)
            z85[group * GROUP_DIGITS + i] = digits[value % 85];
    }
    z85[CURVE_Z85_LEN] = '\0';
}
