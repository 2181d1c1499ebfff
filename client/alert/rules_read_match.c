/* match and clear: fields of the event and what they must be. */
#include <stdlib.h>

#include "client/alert/rules_reader.h"

struct match_reader {
    struct rules_reader *rules;
    struct match *match;
    struct condition *condition;
};

static bool refuse_why(struct rules_reader *reader, const yaml_node_t *node, struct text *why)
{
    text_put_char(why, '\0');
    yaml_tree_refuse_value(&reader->tree, node, "");
    text_put_str(reader->tree.message, why->failed ? "out of memory" : why->data);
    text_fini(why);
    return false;
}

static bool read_condition_value(void *context, const yaml_node_t *item)
{
    struct match_reader *reader = context;
    struct text why;
    text_init(&why);
    struct span value = yaml_tree_scalar(item);
    if (!value.data)
        return yaml_tree_refuse(&reader->rules->tree, item, "expected a value, as StreamEvent, sip1* or \"< 0\"");
    if (memchr(value.data, '\0', value.len) || !condition_add(reader->condition, value, &why))
        return refuse_why(reader->rules, item, &why);
    text_fini(&why);
    return true;
}

static bool read_condition(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct match_reader *reader = context;
    struct match *match = reader->match;
    struct text why;
    text_init(&why);
    struct condition *conditions = realloc(match->conditions, (match->count + 1) * sizeof *conditions);
    if (!conditions)
        return rules_no_memory(reader->rules, name);
    match->conditions = conditions;
    if (!condition_init(&conditions[match->count], yaml_tree_scalar(name), &why))
        return refuse_why(reader->rules, name, &why);
    text_fini(&why);
    reader->condition = &conditions[match->count++];
    if (value->type == YAML_SEQUENCE_NODE && value->data.sequence.items.start == value->data.sequence.items.top)
        return yaml_tree_refuse(&reader->rules->tree, value, "expected at least one value");
    return yaml_tree_each_item(&reader->rules->tree, value, read_condition_value, reader);
}

bool rules_read_match(struct rules_reader *reader, const yaml_node_t *value, struct match *match)
{
    struct match_reader own = {.rules = reader, .match = match};
    if (!yaml_tree_each_member(&reader->tree, value, "fields, as {category: StreamEvent}", read_condition, &own))
        return false;
    return match->count > 0 ||
           yaml_tree_refuse(&reader->tree, value, "expected at least one field, as {category: StreamEvent}");
}

bool rules_key_match(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_match(reader, value, &reader->rule->match);
}
