#include "client/wanted.h"

#include <stdlib.h>

static const struct tocsin_filter everything = {.kind = TOCSIN_FILTER_EVERYTHING};

static int copy_types(struct wanted *wanted, const char *const *types, size_t count)
{
    wanted->types = calloc(count + 1, sizeof *wanted->types);
    if (!wanted->types)
        return TOCSIN_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t len = types[i] ? strlen(types[i]) : 0;
        if (len == 0 || len > TOCSIN_TYPE_MAX)
            return TOCSIN_E_INVALID;
        wanted->types[i] = strdup(types[i]);
        if (!wanted->types[i])
            return TOCSIN_E_NOMEM;
        wanted->type_count++;
    }
    return TOCSIN_OK;
}

int wanted_init(struct wanted *wanted, const struct tocsin_stream_options *options)
{
    *wanted = (struct wanted){.min_level = options->min_level};
    if ((unsigned)options->min_level >= TOCSIN_LEVEL_COUNT)
        return TOCSIN_E_INVALID;
    bool has_filters = options->filter_count > 0;
    int error = filter_set_new(&wanted->filters, has_filters ? options->filters : &everything,
                               has_filters ? options->filter_count : 1);
    if (!error)
        error = filter_set_new(&wanted->exclude, options->exclude, options->exclude_count);
    return error ? error : copy_types(wanted, options->types, options->type_count);
}

void wanted_fini(struct wanted *wanted)
{
    filter_set_free(&wanted->filters);
    filter_set_free(&wanted->exclude);
    for (size_t i = 0; i < wanted->type_count; i++)
        free(wanted->types[i]);
    free(wanted->types);
    *wanted = (struct wanted){0};
}

static bool is_type_wanted(const struct wanted *wanted, struct span type)
{
    for (size_t i = 0; i < wanted->type_count; i++) {
        if (span_is(type, wanted->types[i]))
            return true;
    }
    return wanted->type_count == 0;
}

bool wanted_takes(const struct wanted *wanted, const struct event *event, struct span topic)
{
    return event->level >= wanted->min_level && is_type_wanted(wanted, event->type) &&
           filter_set_contains(wanted->filters, topic) && !filter_set_contains(wanted->exclude, topic);
}
