#include "client/matcher.h"

#include <ctype.h>
#include <stdlib.h>
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

/* snapshot.width >= 1920: a field's name, and what is written in a rules file. A mere = lets * stand for any bytes. */
static bool read_condition(struct condition *condition, const char *text)
{
    static const char signs[] = "=!<>~";
    struct text why = {0};
    size_t len = strcspn(text, " =!<>~");
    const char *value = text + len + strspn(text + len, " ");
    size_t sign_len = strspn(value, signs);
    bool is_mere_equal = sign_len == 1 && *value == '=';
    if (sign_len == 0 || value[sign_len + strspn(value + sign_len, " ")] == '\0') {
        complain("--where: \"%s\": expected a field, one of = != < <= > >= ~, and a value", text);
        return false;
    }
    if (is_mere_equal)
        value += 1 + strspn(value + 1, " ");
    bool is_read =
        condition_init(condition, span_of(text, len), &why) && condition_add(condition, span_of_str(value), &why);
    if (!is_read)
        complain("--where: \"%s\": %.*s", text, (int)why.len, why.data ? why.data : "");
    text_fini(&why);
    return is_read;
}

static bool read_conditions(struct matcher *matcher, const struct options *options)
{
    matcher->conditions = calloc(options->value_count + 1, sizeof *matcher->conditions);
    if (!matcher->conditions) {
        complain("out of memory");
        return false;
    }
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id == OPTION_WHERE &&
            !read_condition(&matcher->conditions[matcher->condition_count++], options->values[i].value))
            return false;
    }
    return true;
}

static bool read_pattern(struct matcher *matcher, const char *pattern)
{
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

bool matcher_init(struct matcher *matcher, const struct options *options)
{
    *matcher = (struct matcher){.max_level = TOCSIN_LEVEL_ERROR};
    return read_pattern(matcher, options_get(options, OPTION_GREP)) && read_conditions(matcher, options);
}

void matcher_fini(struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->condition_count; i++)
        condition_fini(&matcher->conditions[i]);
    free(matcher->conditions);
    matcher->conditions = NULL;
    matcher->condition_count = 0;
    if (matcher->has_regex)
        regfree(&matcher->regex);
    matcher->has_regex = false;
}

bool matcher_takes(const struct matcher *matcher, const struct tocsin_message *message)
{
    if (message->level > matcher->max_level)
        return false;
    for (size_t i = 0; i < matcher->condition_count; i++) {
        if (!condition_holds(&matcher->conditions[i], message))
            return false;
    }
    if (!matcher->has_regex)
        return true;
    char summary[TOCSIN_SUMMARY_MAX + 1]; /* ended by NUL, of which it has none */
    size_t len = message->summary.len < TOCSIN_SUMMARY_MAX ? message->summary.len : TOCSIN_SUMMARY_MAX;
    memcpy(summary, message->summary.data, len);
    summary[len] = '\0';
    return regexec(&matcher->regex, summary, 0, NULL, 0) == 0;
}
