#include <stdlib.h>
#include <string.h>

#include "client/log_files.h"
#include "proto/zst/zst.h"

#define CURRENT     "events.log"
#define CURRENT_LEN (sizeof CURRENT - 1)
#define DAY_LEN     8
#define NUMBER_MAX  9 /* digits */

static const char digits[] = "0123456789";

bool log_names_is_log(const char *name)
{
    if (strncmp(name, CURRENT, CURRENT_LEN) != 0)
        return false;
    const char *day = name + CURRENT_LEN;
    if (*day == '\0')
        return true;
    if (*day++ != '.' || strspn(day, digits) != DAY_LEN)
        return false;
    const char *number = day + DAY_LEN;
    size_t len = *number == '.' ? strspn(number + 1, digits) : 0;
    if (len > NUMBER_MAX || (len > 0 && number[1] == '0'))
        return false;
    const char *rest = len > 0 ? number + 1 + len : number;
    return *rest == '\0' || strcmp(rest, ZST_SUFFIX) == 0;
}

bool log_names_is_packed(const char *name)
{
    size_t len = strlen(name), suffix_len = strlen(ZST_SUFFIX);
    return len > suffix_len && strcmp(name + len - suffix_len, ZST_SUFFIX) == 0;
}

size_t log_names_len(const char *name)
{
    return strlen(name) - (log_names_is_packed(name) ? strlen(ZST_SUFFIX) : 0);
}

int log_names_compare(const char *a, const char *b)
{
    bool is_current_a = a[CURRENT_LEN] == '\0', is_current_b = b[CURRENT_LEN] == '\0';
    if (is_current_a || is_current_b)
        return (int)is_current_a - (int)is_current_b;
    size_t head = CURRENT_LEN + 1 + DAY_LEN;
    int by_day = strncmp(a, b, head);
    if (by_day != 0)
        return by_day;
    long number_a = a[head] ? strtol(a + head + 1, NULL, 10) : 0;
    long number_b = b[head] ? strtol(b + head + 1, NULL, 10) : 0;
    if (number_a != number_b)
        return number_a < number_b ? -1 : 1;
    return (int)log_names_is_packed(a) - (int)log_names_is_packed(b);
}
