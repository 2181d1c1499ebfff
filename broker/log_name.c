#include "broker/log_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zst/zst.h"

#define DATED_PREFIX LOG_NAME_CURRENT "."
#define DAY_DIGITS   8u
#define NUMBER_MAX   9u /* digits */

void log_name_dated(char out[LOG_NAME_MAX], int day, unsigned number)
{
    if (number == 0)
        snprintf(out, LOG_NAME_MAX, DATED_PREFIX "%08d", day);
    else
        snprintf(out, LOG_NAME_MAX, DATED_PREFIX "%08d.%u", day, number);
}

void log_name_aside(char out[LOG_NAME_MAX], const char *kind, uint64_t seq, unsigned number)
{
    if (number == 0)
        snprintf(out, LOG_NAME_MAX, DATED_PREFIX "%s.%" PRIu64, kind, seq);
    else
        snprintf(out, LOG_NAME_MAX, DATED_PREFIX "%s.%" PRIu64 ".%u", kind, seq, number);
}

bool log_name_is_dated(const char *name)
{
    static const char digits[] = "0123456789";

    if (strncmp(name, DATED_PREFIX, strlen(DATED_PREFIX)) != 0)
        return false;
    const char *day = name + strlen(DATED_PREFIX);
    if (strspn(day, digits) != DAY_DIGITS)
        return false;
    if (day[DAY_DIGITS] == '\0')
        return true;
    const char *number = day + DAY_DIGITS + 1;
    size_t len = strlen(number);
    return day[DAY_DIGITS] == '.' && len >= 1 && len <= NUMBER_MAX && number[0] != '0' && strspn(number, digits) == len;
}

void log_name_packed(char out[LOG_NAME_MAX], const char *dated)
{
    snprintf(out, LOG_NAME_MAX, "%s" ZST_SUFFIX, dated);
}

bool log_name_unpacked(char out[LOG_NAME_MAX], const char *packed)
{
    size_t len = strlen(packed), suffix_len = strlen(ZST_SUFFIX);
    if (len < suffix_len || len - suffix_len >= LOG_NAME_MAX || strcmp(packed + len - suffix_len, ZST_SUFFIX) != 0)
        return false;
    memcpy(out, packed, len - suffix_len);
    out[len - suffix_len] = '\0';
    return log_name_is_dated(out);
}

void log_name_index(char out[LOG_NAME_MAX], const char *name)
{
    snprintf(out, LOG_NAME_MAX, LOG_NAME_INDEX "%s", name + strlen(LOG_NAME_CURRENT));
}

bool log_name_unindexed(char out[LOG_NAME_MAX], const char *index)
{
    size_t len = strlen(LOG_NAME_INDEX);
    if (strncmp(index, LOG_NAME_INDEX, len) != 0 || strlen(index) - len >= LOG_NAME_MAX - strlen(LOG_NAME_CURRENT))
        return false;
    snprintf(out, LOG_NAME_MAX, LOG_NAME_CURRENT "%s", index + len);
    return log_name_is_dated(out);
}

int log_name_compare(const char *a, const char *b)
{
    size_t head = strlen(DATED_PREFIX) + DAY_DIGITS;
    int by_day = strncmp(a, b, head);
    if (by_day != 0)
        return by_day;
    long number_a = a[head] == '.' ? strtol(a + head + 1, NULL, 10) : 0;
    long number_b = b[head] == '.' ? strtol(b + head + 1, NULL, 10) : 0;
    return number_a < number_b ? -1 : number_a > number_b;
}
