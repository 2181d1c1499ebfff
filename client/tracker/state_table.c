#include "client/tracker/state_table.h"

#include <stdlib.h>
#include <time.h>

#include "client/escape.h"
#include "client/tracker/grid.h"
#include "client/tracker/sr.h"

#define DAY_US UINT64_C(86400000000)

/* How long summaries are shown at most, in bytes. */
#define TEXT_LEN_MAX 160

/* How many of the sources that are not silent are shown. */
#define SOURCES_MAX 20

struct tables {
    struct text *out;
    const struct state_view *view;
    bool has_color;
    bool has_any;
    bool failed;
};

static void title(struct tables *tables, const char *text)
{
    if (tables->has_any)
        text_put_char(tables->out, '\n');
    tables->has_any = true;
    grid_color_begin(tables->out, GRID_BOLD, tables->has_color);
    text_put_str(tables->out, text);
    grid_color_end(tables->out, GRID_BOLD, tables->has_color);
    text_put_char(tables->out, '\n');
}

static void head(struct grid *grid, const char *const *names)
{
    for (size_t i = 0; i < grid->columns; i++)
        grid_put(grid, GRID_FAINT, names[i]);
}

static void put_span(struct grid *grid, enum grid_color color, struct span text)
{
    bool is_cut = text.len > TEXT_LEN_MAX;
    size_t len = is_cut ? TEXT_LEN_MAX : text.len;
    while (is_cut && len > 0 && (text.data[len] & 0xc0) == 0x80)
        len--;
    if (text.data)
        escape_text(&grid->text, span_of(text.data, len));
    if (is_cut)
        text_put_str(&grid->text, "...");
    grid_end_cell(grid, color);
}

/* Nov 21 09:30:00, in the zone wanted */
static void put_time(struct grid *grid, const struct tables *tables, uint64_t time_us)
{
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm tm;
    char date[64];
    if (tables->view->is_utc)
        gmtime_r(&seconds, &tm);
    else
        localtime_r(&seconds, &tm);
    uint64_t now_us = tables->view->now_us;
    bool is_recent = time_us + 180 * DAY_US > now_us && time_us < now_us + DAY_US;
    strftime(date, sizeof date, is_recent ? "%b %e %H:%M:%S" : "%Y-%m-%d %H:%M", &tm);
    grid_put(grid, GRID_PLAIN, date);
}

/* --- OpenSIPS --- */

static void put_identifier(struct tables *tables, struct grid *grid, const struct item *item)
{
    const struct item_status *status = &item->as.status;
    enum grid_color color = status->status > 0 ? GRID_GOOD : status->is_from_before ? GRID_WARNING : GRID_BAD;
    put_span(grid, GRID_PLAIN, item->source);
    put_span(grid, GRID_PLAIN, item->name);
    put_span(grid, GRID_PLAIN, item->part);
    text_printf(&grid->text, "%lld", (long long)status->status);
    grid_end_cell(grid, color);
    grid_put(grid, color, status->status > 0 ? "ready" : "NOT READY");
    put_time(grid, tables, item->since_us);
    if (status->is_from_before)
        text_put_str(&grid->text, "(before the server's last start) ");
    if (status->missed > 0)
        text_printf(&grid->text, "(%llu changes missed) ", (unsigned long long)status->missed);
    put_span(grid, GRID_PLAIN, item->text);
}

static void put_status(struct tables *tables)
{
    static const char *const names[] = {"SERVER", "GROUP", "IDENTIFIER", "STATUS", "", "SINCE", "DETAILS"};
    struct grid grid = {.columns = sizeof names / sizeof *names};
    struct sr_view sr;
    tables->failed |= !sr_view_init(&sr, tables->view->tracker);
    sr_view_sort_by_server(&sr);
    if (sr.group_count > 0) {
        title(tables, tracker_kind_title(ITEM_STATUS));
        head(&grid, names);
    }
    for (size_t g = 0; g < sr.group_count; g++) {
        for (size_t i = sr.groups[g].begin; i < sr.groups[g].end; i++)
            put_identifier(tables, &grid, sr.items[i]);
    }
    sr_view_fini(&sr);
    grid_write(tables->out, &grid, tables->has_color);
}

static void put_memory(struct tables *tables, struct grid *grid, const struct item *item)
{
    const struct item_memory *memory = &item->as.memory;
    enum grid_color color = memory->is_over ? GRID_WARNING : GRID_GOOD;
    put_span(grid, GRID_PLAIN, item->source);
    put_span(grid, GRID_PLAIN, item->name);
    put_span(grid, GRID_PLAIN, item->part);
    text_printf(&grid->text, "%lld %%", (long long)memory->usage_percent);
    grid_end_cell(grid, color);
    text_printf(&grid->text, "%lld %%", (long long)memory->threshold_percent);
    grid_end_cell(grid, GRID_PLAIN);
    put_time(grid, tables, item->since_us);
}

static void put_scale(struct tables *tables, struct grid *grid, const struct item *item)
{
    const struct item_scale *scale = &item->as.scale;
    put_span(grid, GRID_PLAIN, item->source);
    put_span(grid, GRID_PLAIN, item->name);
    put_span(grid, GRID_PLAIN, item->part);
    text_printf(&grid->text, "%lld %%", (long long)scale->load_percent);
    grid_end_cell(grid, GRID_PLAIN);
    text_printf(&grid->text, "%s, %llu forked, %llu ended", scale->is_up ? "up" : "down", (unsigned long long)scale->up,
                (unsigned long long)scale->down);
    grid_end_cell(grid, GRID_PLAIN);
    put_time(grid, tables, item->since_us);
}

/* --- OvenMediaEngine --- */

static void put_thing(struct tables *tables, struct grid *grid, const struct item *item)
{
    put_span(grid, GRID_PLAIN, item->source);
    put_span(grid, GRID_PLAIN, item->name);
    grid_put(grid, item->state == ITEM_STATE_CREATED && item->kind == ITEM_STREAM ? GRID_WARNING : GRID_GOOD,
             tracker_state_word(item->state));
    put_time(grid, tables, item->since_us);
    put_span(grid, GRID_PLAIN, item->text);
}

static void put_silent(struct tables *tables, struct grid *grid, const struct item *item)
{
    const struct state_view *view = tables->view;
    if (!tracker_is_silent(view->tracker, item, view->now_us, view->stale_us))
        return;
    put_span(grid, GRID_WARNING, item->source);
    put_time(grid, tables, item->received_us);
    text_printf(&grid->text, "silent for %llu s", (unsigned long long)((view->now_us - item->received_us) / 1000000));
    grid_end_cell(grid, GRID_WARNING);
    put_span(grid, GRID_PLAIN, item->text);
}

/* --- each kind --- */

typedef void put_row(struct tables *tables, struct grid *grid, const struct item *item);

static void put_kind(struct tables *tables, enum item_kind kind, const char *const *names, size_t columns, put_row *row)
{
    struct grid grid = {.columns = columns};
    size_t count;
    struct item **list = items_list(tables->view->tracker->items, kind, false, &count);
    if (!list) {
        tables->failed |= count > 0;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (grid.count == 0)
            head(&grid, names);
        row(tables, &grid, list[i]);
    }
    if (grid.count > columns)
        title(tables, tracker_kind_title(kind));
    else
        grid.count = 0;
    grid_write(tables->out, &grid, tables->has_color);
    free(list);
}

static void put_things(struct tables *tables)
{
    static const char *const names[] = {"SOURCE", "ID", "STATE", "SINCE", "LAST SAID"};
    for (unsigned kind = ITEM_SERVER; kind < ITEM_KIND_COUNT; kind++)
        put_kind(tables, (enum item_kind)kind, names, sizeof names / sizeof *names, put_thing);
}

static int compare_ages(const void *one, const void *other)
{
    const struct item *a = *(struct item *const *)one, *b = *(struct item *const *)other;
    return (a->seq < b->seq) - (a->seq > b->seq);
}

/* The sources heard of last, but for those that are gone. */
static void put_sources(struct tables *tables)
{
    static const char *const names[] = {"SOURCE", "LAST SEEN", "LAST TYPE"};
    const struct tracker *tracker = tables->view->tracker;
    struct grid grid = {.columns = sizeof names / sizeof *names};
    size_t count, shown = 0;
    struct item **list = items_list(tracker->items, ITEM_SOURCE, false, &count);
    tables->failed |= !list && count > 0;
    if (!list)
        return;
    qsort(list, count, sizeof(struct item *), compare_ages);
    head(&grid, names);
    for (size_t i = 0; i < count && shown < SOURCES_MAX; i++) {
        if (tracker_is_gone(tracker, list[i]->source))
            continue;
        put_span(&grid, GRID_PLAIN, list[i]->source);
        put_time(&grid, tables, list[i]->received_us);
        put_span(&grid, GRID_PLAIN, list[i]->text);
        shown++;
    }
    if (shown > 0)
        title(tables, "Sources heard of last");
    else
        grid.count = 0;
    grid_write(tables->out, &grid, tables->has_color);
    free(list);
}

static void put_footer(struct tables *tables)
{
    const struct tracker *tracker = tables->view->tracker;
    if (tables->has_any)
        text_put_char(tables->out, '\n');
    text_printf(tables->out, "%zu sources known, %zu streams, %zu deleted; seq %llu\n",
                items_count(tracker->items, ITEM_SOURCE, false), items_count(tracker->items, ITEM_STREAM, false),
                items_count(tracker->items, ITEM_STREAM, true), (unsigned long long)tracker->seq);
    if (tracker->first_seq > 1)
        text_printf(tables->out, "the log begins with seq %llu; what was told before it is not known\n",
                    (unsigned long long)tracker->first_seq);
    if (tracker->malformed > 0)
        text_printf(tables->out, "%llu events lacked what their type needs, and count for nothing here\n",
                    (unsigned long long)tracker->malformed);
    if (items_forgotten(tracker->items) > 0)
        text_printf(tables->out, "%llu things were forgotten: more are known than are kept in memory\n",
                    (unsigned long long)items_forgotten(tracker->items));
}

bool state_table_write(struct text *out, const struct state_view *view, bool has_color)
{
    static const char *const silent[] = {"SOURCE", "LAST SEEN", "", "LAST TYPE"};
    static const char *const memory[] = {"SERVER", "MEMORY", "PID", "USED", "THRESHOLD", "SINCE"};
    static const char *const scale[] = {"SERVER", "TYPE", "FILTER", "LOAD", "LAST", "SINCE"};
    struct tables tables = {.out = out, .view = view, .has_color = has_color};
    put_status(&tables);
    if (view->stale_us > 0)
        put_kind(&tables, ITEM_SOURCE, silent, sizeof silent / sizeof *silent, put_silent);
    put_kind(&tables, ITEM_MEMORY, memory, sizeof memory / sizeof *memory, put_memory);
    put_kind(&tables, ITEM_SCALE, scale, sizeof scale / sizeof *scale, put_scale);
    put_things(&tables);
    put_sources(&tables);
    put_footer(&tables);
    return !tables.failed && !out->failed;
}
