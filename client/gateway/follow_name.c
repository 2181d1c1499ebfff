#include "client/gateway/follow_name.h"

#include <string.h>

#define DIGITS_MAX   18 /* what fits into 64 bits whatever the digits */
#define DIGITS_DATED 8

enum { DATED, NUMBERED, PLAIN };

/* Reads digits and moves behind them; how many there were, 0 for too many. */
static size_t read_digits(const char **at, uint64_t *number)
{
    size_t count = strspn(*at, "0123456789");
    if (count > DIGITS_MAX)
        return 0;
    *number = 0;
    for (size_t i = 0; i < count; i++)
        *number = *number * 10 + (uint64_t)(*(*at)++ - '0');
    return count;
}

static bool is_separator(char c)
{
    return c == '.' || c == '-';
}

bool follow_name_read(const char *name, const char *base, struct follow_name *order)
{
    size_t len = strlen(base);
    if (strncmp(name, base, len) != 0)
        return false;
    const char *at = name + len;
    *order = (struct follow_name){PLAIN, 0, 0};
    if (*at == '\0')
        return true;
    if (!is_separator(*at++))
        return false;
    uint64_t number = 0;
    size_t count = read_digits(&at, &number);
    if (count >= DIGITS_DATED) {
        *order = (struct follow_name){DATED, number, 0};
        return *at == '\0' || (is_separator(*at++) && read_digits(&at, &order->minor) > 0 && *at == '\0');
    }
    *order = (struct follow_name){NUMBERED, UINT64_MAX - number, 0};
    return count > 0 && *at == '\0';
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int follow_name_compare(const struct follow_name *a, const struct follow_name *b)
{
    if (a->rank != b->rank)
        return compare(a->rank, b->rank);
    if (a->major != b->major)
        return compare(a->major, b->major);
    return compare(a->minor, b->minor);
}
