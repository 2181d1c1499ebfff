#include "client/logger/log_options.h"

#include <stdlib.h>
#include <string.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/logger/syslog_message.h"

#define LAG_MS 60000

/* A number of bytes, with K, M or G; at least 4096. */
static bool read_size(const char *text, uint64_t *bytes)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (end[shift > 0] != '\0' || number > (UINT64_C(1) << 40) >> shift)
        return false;
    *bytes = number << shift;
    return *bytes >= 4096;
}

static bool read_files(struct target_options *target, const struct options *options)
{
    const char *rotate = options_get(options, OPTION_ROTATE);
    bool is_file = target->to && strncmp(target->to, "file:", 5) == 0;
    target->compresses = options_has(options, OPTION_ZSTD);
    target->is_daily = rotate && strcmp(rotate, "daily") == 0;
    if (rotate && !target->is_daily && !read_size(rotate, &target->rotate_bytes)) {
        complain("--rotate: \"%s\" is not allowed: allowed is daily, or a size from 4K on, as 100M", rotate);
        return false;
    }
    if ((rotate || target->compresses) && !is_file) {
        complain("--rotate and --zstd are for --to file:PATH");
        return false;
    }
    if (target->compresses && !rotate) {
        complain("--zstd goes with --rotate: only files that are complete are compressed");
        return false;
    }
    return true;
}

static bool read_target(struct log_options *settings, const struct options *options)
{
    struct target_options *target = &settings->target;
    const char *form = options_get(options, OPTION_LOG_FORM), *facility = options_get(options, OPTION_FACILITY);
    target->to = options_get(options, OPTION_LOG_TO);
    target->has_form = form != NULL;
    target->form = form ? log_form_find(form) : LOG_FORM_COUNT;
    target->facility = SYSLOG_FACILITY_DAEMON;
    target->hostname = options_get(options, OPTION_HOSTNAME);
    if (form && target->form == LOG_FORM_COUNT) {
        complain("--output: \"%s\" is not allowed: allowed are json, ome, logfmt, cloudevents, text", form);
        return false;
    }
    if (facility && !syslog_facility_find(facility, &target->facility)) {
        complain("--facility: \"%s\" is none: as daemon, user, local0", facility);
        return false;
    }
    settings->headers = calloc(options->value_count + 1, sizeof *settings->headers);
    for (size_t i = 0; settings->headers && i < options->value_count; i++) {
        if (options->values[i].id == OPTION_HEADER)
            settings->headers[target->header_count++] = options->values[i].value;
    }
    target->headers = settings->headers;
    return settings->headers && read_files(target, options);
}

/* Where it begins: where it is told, behind its cursor, else with what comes. It goes on for ever unless told. */
static void place(struct log_options *settings, const struct options *options)
{
    struct past_options *past = &settings->sub.past;
    bool has_start = options_has(options, OPTION_SINCE) || options_has(options, OPTION_SEQ) ||
                     options_has(options, OPTION_ALL) || past->cursor_path;
    if (!has_start && !settings->ends)
        past->from = TOCSIN_FROM_NEW;
    settings->sub.stream.from = past->from;
    settings->sub.stream.from_value = past->from_value;
    settings->sub.stream.ends_at_head = settings->ends;
}

bool log_options_read(struct log_options *settings, const struct options *options)
{
    *settings = (struct log_options){.lag_ms = LAG_MS, .ends = options_has(options, OPTION_ONCE_OF_LOG)};
    if (!sub_options_read(&settings->sub, options) || !arg_duration_ms(options, OPTION_LAG, &settings->lag_ms) ||
        !read_target(settings, options))
        return false;
    place(settings, options);
    return true;
}

void log_options_fini(struct log_options *settings)
{
    sub_options_fini(&settings->sub);
    free(settings->headers);
}
