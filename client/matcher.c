#include "client/matcher.h"

#include <ctype.h>

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
    regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)message->summary.len};
    return regexec(&matcher->regex, message->summary.data, 0, &range, REG_STARTEND) == 0;
}
