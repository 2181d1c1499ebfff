#include <string.h>

#include "proto/catalog_doc.h"
#include "proto/error.h"

static const char opening[] =
    "# Catalog of known events\n"
    "\n"
    "Printed from `proto/catalog.def` (`cmake --build BUILD --target catalog`); do not edit. The same for programs:\n"
    "`proto/catalog.json`, and for C `client/tocsin_catalog.h`.\n"
    "\n"
    "The catalog documents, it does not restrict: events that it does not know are welcome, and a known event that "
    "lacks\n"
    "a required member of its snapshot is counted and passes. (category, type, cause) names a row. A snapshot may "
    "hold\n"
    "more members than are listed. *Since* is the version of the producer that first had the event.\n";

/* A cell of a table: a bar would end it. */
static void put_cell(struct text *out, const char *value)
{
    text_put_str(out, " ");
    for (; *value != '\0'; value++) {
        if (*value == '|')
            text_put_char(out, '\\');
        text_put_char(out, *value);
    }
    text_put_str(out, " |");
}

static void put_code_cell(struct text *out, const char *value)
{
    text_printf(out, *value != '\0' ? " `%s` |" : "  |", value);
}

static void put_event_row(struct text *out, const struct catalog_event *event)
{
    text_put_str(out, "|");
    put_code_cell(out, event->type);
    put_code_cell(out, event->cause);
    text_printf(out, " %s%s%s |", level_word(event->level), *event->level_rule != '\0' ? "; " : "", event->level_rule);
    put_cell(out, catalog_snapshot_word(event->snapshot));
    put_cell(out, event->since);
    put_cell(out, event->meaning);
    text_put_str(out, "\n");
}

static void put_param_row(struct text *out, const struct catalog_param *param)
{
    text_put_str(out, "|");
    put_code_cell(out, param->name);
    put_cell(out, catalog_type_word(param->type));
    put_cell(out, param->is_required ? "yes" : "");
    put_cell(out, param->unit);
    put_cell(out, param->meaning);
    text_put_str(out, "\n");
}

static bool same_params(const struct catalog_event *a, const struct catalog_event *b)
{
    if (a->param_count != b->param_count)
        return false;
    for (size_t i = 0; i < a->param_count; i++)
        if (strcmp(a->params[i].name, b->params[i].name) != 0 ||
            strcmp(a->params[i].meaning, b->params[i].meaning) != 0)
            return false;
    return true;
}

/* One table for `event` and the rows behind it that have the same members. Returns how many rows that was. */
static size_t put_params(struct text *out, const struct catalog_event *event, const struct catalog_event *end)
{
    size_t count = 1;
    while (event + count < end && same_params(event, event + count) &&
           strcmp(event->category, event[count].category) == 0)
        count++;
    if (event->param_count == 0)
        return count;

    text_put_str(out, "\nSnapshot of");
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(event[i].type, event[i - 1].type) != 0)
            text_printf(out, "%s `%s`", i == 0 ? "" : ",", event[i].type);
    text_put_str(out, ":\n\n| member | type | required | unit | meaning |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < event->param_count; i++)
        put_param_row(out, &event->params[i]);
    return count;
}

static void put_category(struct text *out, const struct catalog_category *category)
{
    const struct catalog_event *begin = catalog_events;
    const struct catalog_event *table_end = catalog_events + catalog_event_count;
    while (begin < table_end && strcmp(begin->category, category->name) != 0)
        begin++;
    const struct catalog_event *end = begin;
    while (end < table_end && strcmp(end->category, category->name) == 0)
        end++;

    text_printf(out, "\n### %s\n\n%s.\n`sourceId`: %s.\n\n", category->name, category->meaning, category->source);
    text_put_str(out, "| type | cause | level | snapshot | since | meaning |\n|---|---|---|---|---|---|\n");
    for (const struct catalog_event *event = begin; event < end; event++)
        put_event_row(out, event);
    for (const struct catalog_event *event = begin; event < end;)
        event += put_params(out, event, end);
}

void catalog_markdown_write(struct text *out)
{
    text_put_str(out, opening);
    const char *world = "";
    for (size_t i = 0; i < catalog_category_count; i++) {
        if (strcmp(world, catalog_categories[i].world) != 0)
            text_printf(out, "\n## %s\n", catalog_categories[i].world);
        world = catalog_categories[i].world;
        put_category(out, &catalog_categories[i]);
    }
}
