#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "proto/catalog_doc.h"

/* Text put together under a limit; what does not fit is cut. */
static void join(char *name, const char *part)
{
    size_t len = strlen(name);
    while (*part != '\0' && len < CATALOG_NAME_MAX - 1)
        name[len++] = *part++;
    name[len] = '\0';
}

/* HLSDumpStarted becomes hls_dump_started, E_CORE_LOG e_core_log. `out` holds CATALOG_NAME_MAX bytes. */
static void make_snake(char *out, const char *camel)
{
    size_t len = 0;
    for (const char *at = camel; *at != '\0' && len < CATALOG_NAME_MAX - 2; at++) {
        int after_word = at > camel && isupper((unsigned char)*at) &&
                         (islower((unsigned char)at[-1]) || isdigit((unsigned char)at[-1]) ||
                          (isupper((unsigned char)at[-1]) && islower((unsigned char)at[1])));
        if (after_word)
            out[len++] = '_';
        out[len++] = (char)tolower((unsigned char)*at);
    }
    out[len] = '\0';
}

void catalog_function_name(char *out, const struct catalog_event *event)
{
    char category[CATALOG_NAME_MAX], type[CATALOG_NAME_MAX], cause[CATALOG_NAME_MAX];
    make_snake(category, event->category);
    char *suffix = strstr(category, "_event");
    if (suffix != NULL)
        *suffix = '\0';
    make_snake(type, event->type);
    const char *rest = strncmp(type, "e_", 2) == 0 ? type + 2 : type;
    size_t category_len = strlen(category);
    if (strncmp(rest, category, category_len) == 0 && rest[category_len] == '_')
        rest += category_len + 1;
    make_snake(cause, event->cause);

    strcpy(out, "tocsin_");
    join(out, category);
    join(out, "_");
    join(out, rest);
    if (*cause != '\0') {
        join(out, "_");
        join(out, cause);
    }
}

void catalog_param_name(char *out, const struct catalog_param *param)
{
    static const char *const suffixes[][2] = {{"us", "us"}, {"ms", "ms"}, {"bytes", "bytes"}, {"%", "percent"}};
    make_snake(out, param->name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        const char *suffix = suffixes[i][1];
        size_t len = strlen(out), suffix_len = strlen(suffix);
        if (strcmp(param->unit, suffixes[i][0]) != 0)
            continue;
        if (len >= suffix_len && strcmp(out + len - suffix_len, suffix) == 0)
            return;
        join(out, "_");
        join(out, suffix);
    }
}

const char *catalog_type_word(enum catalog_param_type type)
{
    static const char *const words[] = {
        [CATALOG_STR] = "str",     [CATALOG_INT] = "int",       [CATALOG_BOOL] = "bool", [CATALOG_FLOAT] = "float",
        [CATALOG_ARRAY] = "array", [CATALOG_OBJECT] = "object", [CATALOG_ANY] = "any"};
    return words[type];
}

const char *catalog_snapshot_word(enum catalog_snapshot snapshot)
{
    static const char *const words[] = {
        [CATALOG_NO_SNAPSHOT] = "none", [CATALOG_OPTIONAL_SNAPSHOT] = "optional", [CATALOG_SNAPSHOT] = "always"};
    return words[snapshot];
}
