#include "client/matcher.h"

#include <ctype.h>
#include <string.h>

#include "client/complain.h"

/* A pattern in small letters finds capital ones as well. */
static bool has_capital(const char *pattern)
{
    for (; *pattern; pattern++) {
        if (isupper((unsigned char)*pattern))
            return true;
    }
    return false;
}

bool matcher_init(struct matcher *matcher, const struct options *options)
{
    const char *pattern = options_get(options, OPTION_GREP);
    *matcher = (struct matcher){.max_level = TOCSIN_LEVEL_ERROR};
    if (!pattern)
        return true;
    int error = regcomp(&matcher->regex, pattern, REG_EXTENDED | REG_NOSUB | (has_capital(pattern) ? 0 : REG_ICASE));
    matcher->has_regex = error == 0;
    if (error) {
        char reason[128];
        regerror(error, &matcher->regex, reason, sizeof reason);
        complain("--grep: \"%s\": %s", pattern, reason);
    }
    return matcher->has_regex;
}

void matcher_fini(struct matcher *matcher)
{
    if (matcher->has_regex)
        regfree(&matcher->regex);
    matcher->has_regex = false;
}

bool matcher_takes(const struct matcher *matcher, const struct tocsin_message *message)
{
    if (message->level > matcher->max_level)
        return false;
    if (!matcher->has_regex)
        return true;
    char summary[TOCSIN_SUMMARY_MAX + 1]; /* ended by NUL, of which it has none */
    size_t len = message->summary.len < TOCSIN_SUMMARY_MAX ? message->summary.len : TOCSIN_SUMMARY_MAX;
    memcpy(summary, message->summary.data, len);
    summary[len] = '\0';
    return regexec(&matcher->regex, summary, 0, NULL, 0) == 0;
}
