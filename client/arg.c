#include "client/arg.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/complain.h"
#include "client/time_arg.h"

static bool refuse(enum option_id id, const char *value, const char *allowed)
{
    complain("--%s: \"%s\" is not allowed: %s", option_table[id].name, value, allowed);
    return false;
}

bool arg_count(const struct options *options, enum option_id id, uint64_t *value)
{
    const char *text = options_get(options, id);
    if (!text)
        return true;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number < 1)
        return refuse(id, text, "allowed is a whole number from 1");
    *value = (uint64_t)number;
    return true;
}

bool arg_rate(const struct options *options, enum option_id id, double *value)
{
    const char *text = options_get(options, id);
    if (!text)
        return true;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number) || number <= 0 || number > 1e6)
        return refuse(id, text, "allowed is a number above 0, a million at most");
    *value = number;
    return true;
}

bool arg_duration_ms(const struct options *options, enum option_id id, int *value)
{
    const char *text = options_get(options, id);
    int64_t us;
    if (!text)
        return true;
    if (!duration_arg_read(text, &us) || us < 1000 || us / 1000 > INT_MAX)
        return refuse(id, text, "allowed is a duration as 30, 1.5s, 100ms or 1h30m, at least 1ms and at most 24d");
    *value = (int)(us / 1000);
    return true;
}

static bool level_of(const char *text, size_t len, enum tocsin_level *level)
{
    for (unsigned i = 0; i < TOCSIN_LEVEL_COUNT; i++) {
        const char *word = tocsin_level_word((enum tocsin_level)i);
        if (strlen(word) == len && strncasecmp(word, text, len) == 0) {
            *level = (enum tocsin_level)i;
            return true;
        }
    }
    return false;
}

#define LEVELS "Trace, Debug, Info, Warning, Error"

bool arg_level(const struct options *options, enum option_id id, enum tocsin_level *value)
{
    const char *text = options_get(options, id);
    if (!text || level_of(text, strlen(text), value))
        return true;
    return refuse(id, text, "allowed are " LEVELS);
}

bool arg_level_range(const struct options *options, enum option_id id, enum tocsin_level *min, enum tocsin_level *max)
{
    const char *text = options_get(options, id);
    if (!text)
        return true;
    const char *dots = strstr(text, "..");
    size_t len = dots ? (size_t)(dots - text) : strlen(text);
    bool is_read = level_of(text, len, min) && (!dots || level_of(dots + 2, strlen(dots + 2), max));
    if (is_read && *min <= *max)
        return true;
    return refuse(id, text, "allowed are " LEVELS ", or a range of them, the lower one first: Info..Warning");
}

bool arg_choice(const struct options *options, enum option_id id, unsigned *value)
{
    const char *text = options_get(options, id);
    if (!text)
        return true;
    const char *word = option_table[id].argument;
    for (unsigned i = 0;; i++) {
        size_t len = strcspn(word, "|");
        if (strlen(text) == len && strncmp(word, text, len) == 0) {
            *value = i;
            return true;
        }
        if (word[len] == '\0')
            return refuse(id, text, option_table[id].argument);
        word += len + 1;
    }
}
