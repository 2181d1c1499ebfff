#include "proto/rfc3339.h"

#include "proto/digits.h"

#define MINUTES_PER_DAY 1440
#define SECONDS_PER_DAY 86400
#define US_PER_SECOND   UINT64_C(1000000)

/* Days are counted in years that begin on the first of March, so that a leap day is the last of its year. From the
 * March of the year -400 (a whole Gregorian cycle before the year 0, nothing is negative) to 1970-01-01. */
#define DAYS_TO_EPOCH      (719468 + DAYS_PER_400_YEARS)
#define DAYS_PER_400_YEARS 146097

/* 9999-12-31T23:59:59.999999Z */
#define US_MAX UINT64_C(253402300799999999)

/* "2026-11-21T00:30:00" */
#define DATE_TIME_LEN 19

static unsigned pair(const uint8_t *p, bool *valid)
{
    unsigned tens = p[0] - (unsigned)'0';
    unsigned ones = p[1] - (unsigned)'0';
    *valid &= (tens <= 9) & (ones <= 9);
    return tens * 10 + ones;
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_in_calendar(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month])
        return false;
    return month != 2 || day < 29 || is_leap(year);
}

static int64_t days_since_epoch(unsigned year, unsigned month, unsigned day)
{
    unsigned y = year + 400 - (month < 3);
    unsigned m = month < 3 ? month + 9 : month - 3;
    unsigned day_of_year = (153 * m + 2) / 5 + day - 1;
    return (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + day_of_year) - DAYS_TO_EPOCH;
}

/* The digits behind the point. Returns where they end; NULL where they are not 1 to 9. */
static const uint8_t *fraction(const uint8_t *p, const uint8_t *end, uint32_t *nanoseconds)
{
    static const uint32_t units[] = {0, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    uint32_t value = 0;
    size_t count = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (++count > 9)
            return NULL;
        value = value * 10 + (*p - (uint32_t)'0');
    }
    *nanoseconds = value * units[count];
    return count > 0 ? p : NULL;
}

/* The rest of the text: Z, or +hh:mm. */
static bool offset(const uint8_t *p, const uint8_t *end, int *minutes)
{
    *minutes = 0;
    if (end - p == 1)
        return *p == 'Z';
    if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
        return false;
    bool valid = true;
    unsigned hour = pair(p + 1, &valid);
    unsigned minute = pair(p + 4, &valid);
    *minutes = (int)(hour * 60 + minute);
    if (*p == '-')
        *minutes = -*minutes;
    return valid && hour <= 23 && minute <= 59;
}

bool rfc3339_read(struct span text, struct rfc3339 *out)
{
    const uint8_t *p = text.data;
    if (text.len <= DATE_TIME_LEN || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':')
        return false;
    bool valid = true;
    unsigned year = pair(p, &valid) * 100 + pair(p + 2, &valid);
    unsigned month = pair(p + 5, &valid);
    unsigned day = pair(p + 8, &valid);
    unsigned hour = pair(p + 11, &valid);
    unsigned minute = pair(p + 14, &valid);
    unsigned second = pair(p + 17, &valid);
    if (!valid || hour > 23 || minute > 59 || second > 60 || !is_in_calendar(year, month, day))
        return false;

    const uint8_t *end = p + text.len;
    uint32_t nanoseconds = 0;
    int offset_minutes;
    p += DATE_TIME_LEN;
    if (*p == '.')
        p = fraction(p + 1, end, &nanoseconds);
    if (!p || !offset(p, end, &offset_minutes))
        return false;

    int utc_minute = (int)(hour * 60 + minute) - offset_minutes;
    if (second == 60 && (utc_minute + 2 * MINUTES_PER_DAY) % MINUTES_PER_DAY != MINUTES_PER_DAY - 1)
        return false;
    if (out)
        *out = (struct rfc3339){
            .seconds = days_since_epoch(year, month, day) * SECONDS_PER_DAY + utc_minute * 60 + second,
            .nanoseconds = nanoseconds,
            .offset_minutes = (int16_t)offset_minutes,
        };
    return true;
}

/* 2026-11-21 */
static void write_date(char *out, uint32_t days_since_1970)
{
    uint32_t days = days_since_1970 + DAYS_TO_EPOCH;
    uint32_t cycle = days / DAYS_PER_400_YEARS;
    uint32_t in_cycle = days % DAYS_PER_400_YEARS;
    /* The last day of 4, of 100 and of 400 years is the one that the plain division would give to the next year. */
    uint32_t year_of_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    uint32_t day_of_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    uint32_t m = (5 * day_of_year + 2) / 153;
    uint32_t month = m < 10 ? m + 3 : m - 9;
    uint32_t year = cycle * 400 + year_of_cycle - 400 + (month < 3);

    digits_put_pair(out, year / 100);
    digits_put_pair(out + 2, year % 100);
    out[4] = '-';
    digits_put_pair(out + 5, month);
    out[7] = '-';
    digits_put_pair(out + 8, day_of_year - (153 * m + 2) / 5 + 1);
}

void rfc3339_write_us(char *out, uint64_t us)
{
    if (us > US_MAX)
        us = US_MAX;
    uint64_t seconds = us / US_PER_SECOND;
    uint32_t micros = (uint32_t)(us % US_PER_SECOND);
    uint32_t second_of_day = (uint32_t)(seconds % SECONDS_PER_DAY);

    write_date(out, (uint32_t)(seconds / SECONDS_PER_DAY));
    out[10] = 'T';
    digits_put_pair(out + 11, second_of_day / 3600);
    out[13] = ':';
    digits_put_pair(out + 14, second_of_day / 60 % 60);
    out[16] = ':';
    digits_put_pair(out + 17, second_of_day % 60);
    out[19] = '.';
    digits_put_pair(out + 20, micros / 10000);
    digits_put_pair(out + 22, micros / 100 % 100);
    digits_put_pair(out + 24, micros % 100);
    out[26] = 'Z';
}
