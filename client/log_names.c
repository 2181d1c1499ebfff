#include <stdlib.h>
#include <string.h>

#include "client/log_files.h"

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
    if (*number == '\0')
        return true;
    size_t len = strspn(number + 1, digits);
    return *number == '.' && number[1] != '0' && len > 0 && len <= NUMBER_MAX && number[1 + len] == '\0';
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
    return (number_a > number_b) - (number_a < number_b);
}
