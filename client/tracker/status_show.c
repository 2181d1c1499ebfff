#include "client/tracker/status_show.h"

#include <time.h>

#include "client/complain.h"
#include "client/json_indent.h"
#include "client/tracker/state_table.h"

struct state_view status_show_view(const struct status_options *settings, const struct loader *loader)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    return (struct state_view){
        .tracker = &loader->tracker,
        .log_id = loader->log_id,
        .now_us = settings->load.at_us < now_us ? settings->load.at_us : now_us,
        .stale_us = settings->stale_us,
        .is_utc = settings->sub.printer.is_utc,
    };
}

static bool put_json(struct text *out, const struct state_view *view, bool is_pretty)
{
    if (!is_pretty)
        return state_json_write(out, view);
    struct text json;
    text_init(&json);
    bool is_good = state_json_write(&json, view);
    if (is_good)
        json_indent(out, text_span(&json));
    text_fini(&json);
    return is_good;
}

int status_show_put(struct text *out, const struct status_options *settings, const struct loader *loader)
{
    struct state_view view = status_show_view(settings, loader);
    const char *fault = NULL;
    bool is_good = true;
    struct sr_view sr;
    switch (settings->output) {
    case STATUS_TABLE:
        is_good = state_table_write(out, &view, settings->sub.printer.has_color);
        break;
    case STATUS_JSON:
    case STATUS_JSON_PRETTY:
        is_good = put_json(out, &view, settings->output == STATUS_JSON_PRETTY);
        text_put_char(out, '\n');
        break;
    case STATUS_OPENSIPS:
        is_good = sr_view_init(&sr, view.tracker);
        if (is_good)
            fault = sr_write(out, &sr, settings->what, settings->group, settings->identifier, view.is_utc);
        text_put_char(out, '\n');
        sr_view_fini(&sr);
    }
    if (!is_good || out->failed)
        fault = tocsin_error_text(TOCSIN_E_NOMEM);
    if (fault)
        complain("%s", fault);
    return fault ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}
