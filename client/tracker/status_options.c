#include "client/tracker/status_options.h"

#include <time.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/time_arg.h"

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool read_times(struct status_options *settings, const struct options *options)
{
    const char *at = options_get(options, OPTION_AT);
    int64_t at_us;
    int stale_ms = 0;
    settings->load.at_us = UINT64_MAX;
    if (!arg_duration_ms(options, OPTION_STALE, &stale_ms))
        return false;
    settings->stale_us = (uint64_t)stale_ms * 1000;
    if (!at)
        return true;
    if (!time_arg_read(at, (int64_t)now_us(), options_has(options, OPTION_UTC), &at_us)) {
        complain("--at: \"%s\" is no time: as 2026-11-21 09:30, 09:30, 15m, today (tocsin help status)", at);
        return false;
    }
    settings->load.at_us = (uint64_t)at_us;
    return true;
}

static bool read_shape(struct status_options *settings, const struct options *options)
{
    unsigned output = STATUS_TABLE;
    bool has_reports = options_has(options, OPTION_REPORTS), has_ids = options_has(options, OPTION_IDENTIFIERS);
    settings->group = options_get(options, OPTION_GROUP);
    settings->identifier = options_get(options, OPTION_IDENTIFIER);
    settings->what = has_reports ? SR_REPORTS : has_ids ? SR_IDENTIFIERS : SR_STATUS;
    if (!arg_choice(options, OPTION_OUTPUT_OF_STATUS, &output))
        return false;
    if (has_reports && has_ids) {
        complain("--reports and --identifiers: give one");
        return false;
    }
    if (settings->identifier && (!settings->group || has_ids)) {
        complain("--identifier: goes with --group, and not with --identifiers");
        return false;
    }
    bool is_opensips = settings->group || has_reports || has_ids;
    settings->output = is_opensips ? STATUS_OPENSIPS : (enum status_output)output;
    return true;
}

static bool fits_together(const struct status_options *settings, const struct options *options)
{
    bool is_past = settings->load.at_us != UINT64_MAX || settings->load.dir;
    if (settings->load.follows && (is_past || settings->checks || options_has(options, OPTION_ONCE))) {
        complain("--watch and --publish go with none of --at, --dir, --check and --once");
        return false;
    }
    return true;
}

bool status_options_read(struct status_options *settings, const struct options *options)
{
    *settings = (struct status_options){.checks = options_has(options, OPTION_CHECK)};
    if (!sub_options_read(&settings->sub, options) || !read_times(settings, options) || !read_shape(settings, options))
        return false;
    settings->load.dir = options_get(options, OPTION_DIR);
    settings->load.stream = settings->sub.stream;
    settings->load.seed = now_us();
    settings->watches = options_has(options, OPTION_WATCH);
    settings->publishes = options_has(options, OPTION_PUBLISH);
    settings->load.follows = settings->watches || settings->publishes;
    if (settings->publishes && !where_find(options, ENDPOINT_APPEND, &settings->append))
        return false;
    return fits_together(settings, options);
}

void status_options_fini(struct status_options *settings)
{
    sub_options_fini(&settings->sub);
}
