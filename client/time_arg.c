#include "client/time_arg.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "proto/rfc3339.h"

#define US_A_SECOND     INT64_C(1000000)
#define DURATION_MAX_US (INT64_C(36525) * 86400 * US_A_SECOND)

/* Digits with an optional fraction as a number of units of `unit_us`, rounded down; what is beyond DURATION_MAX_US is
 * refused. `*at` moves behind it. The unit is known behind the number only, so the number is read twice. */
static bool read_amount(const char **at, int64_t unit_us, int64_t *us)
{
    const char *digit = *at;
    int64_t whole = 0, fraction = 0, scale = 1;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        whole = whole * 10 + (*digit - '0');
        if (whole > DURATION_MAX_US / unit_us)
            return false;
    }
    if (digit == *at)
        return false;
    if (*digit == '.') {
        const char *point = digit++;
        for (; *digit >= '0' && *digit <= '9'; digit++) {
            if (scale < US_A_SECOND) {
                fraction = fraction * 10 + (*digit - '0');
                scale *= 10;
            }
        }
        if (digit == point + 1)
            return false;
    }
    *at = digit;
    *us = whole * unit_us + (int64_t)((double)fraction * (double)unit_us / (double)scale);
    return true;
}

/* The unit at `*at`, which moves behind it; 0: none. */
static int64_t read_unit(const char **at)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {
        {"us", 1},
        {"ms", 1000},
        {"s", US_A_SECOND},
        {"m", 60 * US_A_SECOND},
        {"h", 3600 * US_A_SECOND},
        {"d", 86400 * US_A_SECOND},
        {"w", 7 * 86400 * US_A_SECOND},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i].name);
        if (strncmp(*at, units[i].name, len) == 0) {
            *at += len;
            return units[i].us;
        }
    }
    return 0;
}

bool duration_arg_read(const char *text, int64_t *us)
{
    const char *at = text;
    *us = 0;
    do {
        const char *unit = at + strspn(at, "0123456789.");
        const char *behind = unit;
        int64_t unit_us = read_unit(&behind), amount_us;
        bool is_bare = unit_us == 0 && at == text && *unit == '\0';
        if (unit_us == 0 && !is_bare)
            return false;
        if (!read_amount(&at, is_bare ? US_A_SECOND : unit_us, &amount_us) || at != unit)
            return false;
        at = behind;
        *us += amount_us;
        if (*us > DURATION_MAX_US)
            return false;
    } while (*at);
    return true;
}

/* `count` digits exactly; -1: not there. */
static int read_digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

/* The moment of a broken-down time; false where the calendar has no such day. */
static bool moment_of(struct tm *tm, bool is_utc, int64_t *time_us)
{
    struct tm wanted = *tm;
    tm->tm_isdst = -1;
    time_t seconds = is_utc ? timegm(tm) : mktime(tm);
    if (seconds < 0 || tm->tm_mday != wanted.tm_mday || tm->tm_mon != wanted.tm_mon || tm->tm_year != wanted.tm_year)
        return false;
    *time_us = (int64_t)seconds * US_A_SECOND;
    return true;
}

/* HH:MM[:SS] and nothing behind it */
static bool read_clock(const char *at, struct tm *tm)
{
    int hour = read_digits(&at, 2);
    int minute = *at == ':' ? (at++, read_digits(&at, 2)) : -1;
    int second = *at == ':' ? (at++, read_digits(&at, 2)) : 0;
    if (*at || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    tm->tm_hour = hour;
    tm->tm_min = minute;
    tm->tm_sec = second;
    return true;
}

/* YYYY-MM-DD[ HH:MM[:SS]], a T for the blank as well */
static bool read_date(const char *text, bool is_utc, int64_t *time_us)
{
    const char *at = text;
    struct tm tm = {0};
    int year = read_digits(&at, 4);
    if (year < 1970 || *at++ != '-')
        return false;
    int month = read_digits(&at, 2);
    if (month < 1 || month > 12 || *at++ != '-')
        return false;
    int day = read_digits(&at, 2);
    if (day < 1)
        return false;
    bool has_clock = *at == ' ' || *at == 'T';
    if (has_clock ? !read_clock(at + 1, &tm) : *at != '\0')
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    return moment_of(&tm, is_utc, time_us);
}

/* The day of now. */
static struct tm day_of(int64_t now_us, bool is_utc)
{
    time_t now = (time_t)(now_us / US_A_SECOND);
    struct tm tm;
    if (is_utc)
        gmtime_r(&now, &tm);
    else
        localtime_r(&now, &tm);
    return tm;
}

/* Midnight, `days` before the day of now. */
static bool read_midnight(int days, int64_t now_us, bool is_utc, int64_t *time_us)
{
    struct tm tm = day_of(now_us, is_utc);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_mday -= days;
    tm.tm_isdst = -1;
    time_t midnight = is_utc ? timegm(&tm) : mktime(&tm);
    *time_us = (int64_t)midnight * US_A_SECOND;
    return midnight >= 0;
}

bool time_arg_read(const char *text, int64_t now_us, bool is_utc, int64_t *time_us)
{
    struct rfc3339 rfc;
    int64_t us;
    *time_us = now_us;
    if (strcmp(text, "now") == 0)
        return true;
    if (strcmp(text, "today") == 0)
        return read_midnight(0, now_us, is_utc, time_us);
    if (strcmp(text, "yesterday") == 0)
        return read_midnight(1, now_us, is_utc, time_us);
    if (rfc3339_read(span_of_str(text), &rfc)) {
        *time_us = rfc.seconds * US_A_SECOND + rfc.nanoseconds / 1000;
        return rfc.seconds >= 0;
    }
    if (*text == '@') {
        const char *at = text + 1;
        return read_amount(&at, US_A_SECOND, time_us) && *at == '\0';
    }
    if (duration_arg_read(*text == '-' ? text + 1 : text, &us)) {
        *time_us = now_us - us;
        return *time_us >= 0;
    }
    struct tm tm = day_of(now_us, is_utc);
    if (read_clock(text, &tm))
        return moment_of(&tm, is_utc, time_us);
    return read_date(text, is_utc, time_us);
}
