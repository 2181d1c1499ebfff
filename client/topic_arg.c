#include "client/topic_arg.h"

#include <stdlib.h>
#include <string.h>

/* Cuts `ending` off the text, if it is there. */
static bool cut(char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    if (len < ending_len || strcmp(text + len - ending_len, ending) != 0)
        return false;
    text[len - ending_len] = '\0';
    return true;
}

static enum tocsin_filter_kind kind_of_source(char *source)
{
    if (*source == '\0')
        return TOCSIN_FILTER_PREFIX;
    if (cut(source, "/**"))
        return TOCSIN_FILTER_SUBTREE;
    bool is_below = source[strlen(source) - 1] == '/';
    return cut(source, "*") || is_below ? TOCSIN_FILTER_PREFIX : TOCSIN_FILTER_SOURCE;
}

bool topic_arg_read(struct topic_arg *topic, const char *text)
{
    *topic = (struct topic_arg){.text = strdup(text)};
    if (!topic->text)
        return false;
    char *source = strchr(topic->text, '/');
    if (source)
        *source++ = '\0';
    bool is_any = strcmp(topic->text, "*") == 0;
    bool is_everything = (is_any || *text == '\0') && (!source || *source == '\0');
    topic->filter.kind = is_everything ? TOCSIN_FILTER_EVERYTHING : TOCSIN_FILTER_CATEGORY;
    topic->filter.category = is_any || is_everything ? NULL : topic->text;
    if (is_everything || !source || *source == '\0')
        return true;
    topic->filter.kind = kind_of_source(source);
    topic->filter.source_id = source;
    return true;
}

void topic_arg_fini(struct topic_arg *topic)
{
    free(topic->text);
    topic->text = NULL;
}
