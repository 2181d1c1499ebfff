#include "proto/catalog_doc.h"
#include "proto/error.h"
#include "proto/json.h"

static void put_member(struct text *out, const char *before, const char *key, const char *value)
{
    text_printf(out, "%s\"%s\": ", before, key);
    json_write_string(out, span_of_str(value));
}

static void put_category(struct text *out, const struct catalog_category *category)
{
    put_member(out, "    {", "world", category->world);
    put_member(out, ", ", "category", category->name);
    put_member(out, ", ", "sourceId", category->source);
    put_member(out, ",\n     ", "meaning", category->meaning);
    text_put_str(out, "}");
}

static void put_param(struct text *out, const struct catalog_param *param)
{
    put_member(out, "        {", "name", param->name);
    put_member(out, ", ", "type", catalog_type_word(param->type));
    text_printf(out, ", \"required\": %s", param->is_required ? "true" : "false");
    put_member(out, ", ", "unit", param->unit);
    put_member(out, ", ", "meaning", param->meaning);
    text_put_str(out, "}");
}

static void put_event(struct text *out, const struct catalog_event *event)
{
    put_member(out, "    {\n      ", "world", event->world);
    put_member(out, ",\n      ", "category", event->category);
    put_member(out, ",\n      ", "type", event->type);
    put_member(out, ",\n      ", "cause", event->cause);
    put_member(out, ",\n      ", "level", level_word(event->level));
    put_member(out, ",\n      ", "levelRule", event->level_rule);
    put_member(out, ",\n      ", "snapshot", catalog_snapshot_word(event->snapshot));
    put_member(out, ",\n      ", "since", event->since);
    put_member(out, ",\n      ", "meaning", event->meaning);
    text_put_str(out, ",\n      \"params\": [");
    for (size_t i = 0; i < event->param_count; i++) {
        text_put_str(out, i == 0 ? "\n" : ",\n");
        put_param(out, &event->params[i]);
    }
    text_put_str(out, event->param_count > 0 ? "\n      ]\n    }" : "]\n    }");
}

void catalog_json_write(struct text *out)
{
    text_put_str(out, "{\n  \"categories\": [\n");
    for (size_t i = 0; i < catalog_category_count; i++) {
        text_put_str(out, i == 0 ? "" : ",\n");
        put_category(out, &catalog_categories[i]);
    }
    text_put_str(out, "\n  ],\n  \"events\": [\n");
    for (size_t i = 0; i < catalog_event_count; i++) {
        text_put_str(out, i == 0 ? "" : ",\n");
        put_event(out, &catalog_events[i]);
    }
    text_put_str(out, "\n  ]\n}\n");
}
