#include "client/logger/file_names.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DIGITS_MAX 12

void file_names_day(char *suffix, uint64_t received_us)
{
    time_t seconds = (time_t)(received_us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    unsigned year = (unsigned)(tm.tm_year + 1900);
    snprintf(suffix, FILE_NAMES_SUFFIX_MAX, ".%04u%02u%02u", year < 9999 ? year : 9999, (unsigned)tm.tm_mon + 1,
             (unsigned)tm.tm_mday);
}

void file_names_number(char *suffix, uint64_t number)
{
    snprintf(suffix, FILE_NAMES_SUFFIX_MAX, ".%06llu", (unsigned long long)number);
}

/* A point and digits; the length, 0: it is none. */
static size_t read_digits(const char *text, uint64_t *number)
{
    size_t len = 1;
    *number = 0;
    if (text[0] != '.')
        return 0;
    for (; text[len] >= '0' && text[len] <= '9' && len <= DIGITS_MAX; len++)
        *number = *number * 10 + (uint64_t)(text[len] - '0');
    return len > 1 ? len : 0;
}

bool file_names_read(const char *name, const char *base, uint64_t *number, bool *is_compressed)
{
    size_t base_len = strlen(base);
    if (strncmp(name, base, base_len) != 0)
        return false;
    const char *at = name + base_len;
    size_t len = read_digits(at, number);
    uint64_t copy;
    if (len == 0)
        return false;
    at += len;
    *is_compressed = *at != '\0';
    if (*is_compressed)
        at += read_digits(at, &copy);
    return *is_compressed ? strcmp(at, ".zst") == 0 : true;
}
