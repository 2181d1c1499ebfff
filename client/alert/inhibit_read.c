/* inhibit_rules: a list of maps, whose keys are in inhibit_key.def. */
#include <stdlib.h>

#include "client/alert/rules_reader.h"

struct matchers_reader {
    struct rules_reader *rules;
    struct label_matchers *matchers;
};

static bool read_matcher(void *context, const yaml_node_t *item)
{
    struct matchers_reader *reader = context;
    struct text why;
    text_init(&why);
    struct span value = yaml_tree_scalar(item);
    bool is_good = label_matchers_add(reader->matchers, value.data ? value : span_of_str(""), &why);
    if (!is_good) {
        text_put_char(&why, '\0');
        yaml_tree_refuse(&reader->rules->tree, item, why.failed ? "out of memory" : why.data);
    }
    text_fini(&why);
    return is_good;
}

bool rules_inhibit_source_matchers(struct rules_reader *reader, const yaml_node_t *value)
{
    struct matchers_reader own = {reader, &reader->inhibit_rule->source};
    return yaml_tree_each_item(&reader->tree, value, read_matcher, &own);
}

bool rules_inhibit_target_matchers(struct rules_reader *reader, const yaml_node_t *value)
{
    struct matchers_reader own = {reader, &reader->inhibit_rule->target};
    return yaml_tree_each_item(&reader->tree, value, read_matcher, &own);
}

bool rules_inhibit_equal(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_label_names(reader, value, &reader->inhibit_rule->equal);
}

static const struct rules_key keys[] = {
#define INHIBIT_KEY(name, meaning) {#name, rules_inhibit_##name},
#include "client/alert/inhibit_key.def"
#undef INHIBIT_KEY
};

static bool read_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    return rules_read_key(context, name, value, keys, sizeof keys / sizeof *keys);
}

bool rules_read_inhibit_rule(void *context, const yaml_node_t *node)
{
    struct rules_reader *reader = context;
    struct inhibit_rules *rules = &reader->file->inhibit_rules;
    if (rules->count == INHIBIT_RULES_MAX)
        return yaml_tree_refuse(&reader->tree, node, "one inhibition more than 1000, which is the most");
    struct inhibit_rule *items = realloc(rules->items, (rules->count + 1) * sizeof *items);
    if (!items)
        return rules_no_memory(reader, node);
    rules->items = items;
    reader->inhibit_rule = &items[rules->count++];
    *reader->inhibit_rule = (struct inhibit_rule){.equal = {NULL, 0}};
    if (!yaml_tree_each_member(&reader->tree, node, "an inhibition, with source_matchers and target_matchers", read_key,
                               reader))
        return false;
    return (reader->inhibit_rule->source.count > 0 && reader->inhibit_rule->target.count > 0) ||
           yaml_tree_refuse(&reader->tree, node,
                            "expected source_matchers and target_matchers, with one each at least");
}
