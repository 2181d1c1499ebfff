/* rules: a list of maps, whose keys are in rule_key.def. */
#include <stdlib.h>

#include "client/alert/rules_reader.h"
#include "client/escape.h"
#include "client/member.h"

#define KEEP_OF_EACH_US UINT64_C(300000000)   /* 5 minutes, as Alertmanager's resolve_timeout */
#define FORGET_US       UINT64_C(86400000000) /* a day */

bool rules_key_name(struct rules_reader *reader, const yaml_node_t *value)
{
    const struct rules *rules = &reader->file->rules;
    if (!rules_read_name(reader, value, "the alert's name", &reader->rule->name))
        return false;
    for (size_t i = 0; i + 1 < rules->count; i++) {
        if (strcmp(rules->items[i].name, reader->rule->name) == 0)
            return yaml_tree_refuse_value(&reader->tree, value, "is the name of a rule before this one");
    }
    return true;
}

static bool read_member(void *context, const yaml_node_t *item)
{
    struct rules_reader *reader = context;
    struct members *by = &reader->rule->by;
    char *member;
    if (!rules_read_text(reader, item, "a member of the event, as sourceId or snapshot.status", &member))
        return false;
    struct span *items = realloc(by->items, (by->count + 1) * sizeof *items);
    if (!items) {
        free(member);
        return rules_no_memory(reader, item);
    }
    by->items = items;
    by->items[by->count++] = span_of_str(member);
    return member_is_path(span_of_str(member)) ||
           yaml_tree_refuse_value(&reader->tree, item, "is no member of an event, as sourceId or snapshot.status");
}

bool rules_key_by(struct rules_reader *reader, const yaml_node_t *value)
{
    reader->has_by = true;
    return yaml_tree_each_item(&reader->tree, value, read_member, reader);
}

struct label_reader {
    struct rules_reader *rules;
    struct labels *labels;
    bool is_label; /* else an annotation, whose name may be anything */
};

static bool read_label(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct label_reader *reader = context;
    struct labels *labels = reader->labels;
    struct label *items = realloc(labels->items, (labels->count + 1) * sizeof *items);
    if (!items)
        return rules_no_memory(reader->rules, name);
    labels->items = items;
    struct label *label = &items[labels->count++];
    *label = (struct label){.name = NULL};
    if (reader->is_label && !label_name_is_good(yaml_tree_scalar(name)))
        return yaml_tree_refuse_value(&reader->rules->tree, name,
                                      "is no label's name: expected letters, digits and _, not a digit first");
    return rules_read_name(reader->rules, name, "a name", &label->name) &&
           rules_read_text(reader->rules, value, "a text", &label->value);
}

bool rules_key_labels(struct rules_reader *reader, const yaml_node_t *value)
{
    struct label_reader own = {reader, &reader->rule->labels, true};
    return yaml_tree_each_member(&reader->tree, value, "labels, as {severity: critical}", read_label, &own);
}

bool rules_key_annotations(struct rules_reader *reader, const yaml_node_t *value)
{
    struct label_reader own = {reader, &reader->rule->annotations, false};
    return yaml_tree_each_member(&reader->tree, value, "texts, as {summary: ...}", read_label, &own);
}

static bool refuse_receiver(struct rules_reader *reader, const yaml_node_t *node)
{
    const struct receivers *receivers = &reader->file->receivers;
    yaml_tree_refuse_value(&reader->tree, node, "is not among the receivers: expected ");
    for (size_t i = 0; i < receivers->count; i++) {
        text_put_str(reader->tree.message, i == 0 ? "" : i + 1 == receivers->count ? " or " : ", ");
        escape_text(reader->tree.message, span_of_str(receivers->items[i].name));
    }
    if (receivers->count == 0)
        text_put_str(reader->tree.message, "a file that has some, under receivers:");
    return false;
}

static bool read_receiver_name(void *context, const yaml_node_t *item)
{
    struct rules_reader *reader = context;
    struct rule *rule = reader->rule;
    char *name;
    if (!rules_read_name(reader, item, "a receiver's name", &name))
        return false;
    struct span *receivers = realloc(rule->receivers, (rule->receiver_count + 1) * sizeof *receivers);
    if (!receivers) {
        free(name);
        return rules_no_memory(reader, item);
    }
    rule->receivers = receivers;
    rule->receivers[rule->receiver_count++] = span_of_str(name);
    return receivers_find(&reader->file->receivers, span_of_str(name)) || refuse_receiver(reader, item);
}

bool rules_key_receiver(struct rules_reader *reader, const yaml_node_t *value)
{
    return yaml_tree_each_item(&reader->tree, value, read_receiver_name, reader);
}

static const struct rules_key keys[] = {
#define RULE_KEY(name, meaning) {#name, rules_key_##name},
#include "client/alert/rule_key.def"
#undef RULE_KEY
};

static bool read_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    return rules_read_key(context, name, value, keys, sizeof keys / sizeof *keys);
}

/* What no single key can tell. */
static bool complete(struct rules_reader *reader, const yaml_node_t *node)
{
    struct rule *rule = reader->rule;
    if (!rule->name)
        return yaml_tree_refuse(&reader->tree, node, "the rule lacks its name");
    if (rule->match.count == 0)
        return yaml_tree_refuse(&reader->tree, node, "the rule lacks match, the events that it is for");
    if (rule->for_us > 0 && rule->kind != RULE_STATE)
        return yaml_tree_refuse(&reader->tree, node, "`for` needs `clear`: what ends the state that must last");
    if (rule->forget_us > 0 && rule->kind != RULE_ABSENT)
        return yaml_tree_refuse(&reader->tree, node, "`forget` needs `absent`");
    if (rule->forget_us == 0)
        rule->forget_us = FORGET_US;
    if (rule->forget_us <= rule->window_us)
        rule->forget_us = rule->window_us + FORGET_US;
    if (rule->keep_us == 0 && (rule->kind == RULE_EACH || rule->kind == RULE_NEW))
        rule->keep_us = KEEP_OF_EACH_US;
    if (reader->has_by)
        return true;
    char *source = strdup("sourceId");
    rule->by.items = malloc(sizeof *rule->by.items);
    if (!source || !rule->by.items) {
        free(source);
        return rules_no_memory(reader, node);
    }
    rule->by.items[rule->by.count++] = span_of_str(source);
    return true;
}

bool rules_read_rule(void *context, const yaml_node_t *node)
{
    struct rules_reader *reader = context;
    struct rules *rules = &reader->file->rules;
    if (rules->count == RULE_COUNT_MAX)
        return yaml_tree_refuse(&reader->tree, node, "one rule more than 10000, which is the most");
    struct rule *items = realloc(rules->items, (rules->count + 1) * sizeof *items);
    if (!items)
        return rules_no_memory(reader, node);
    rules->items = items;
    reader->rule = &items[rules->count++];
    reader->has_by = false;
    *reader->rule = (struct rule){.line = node->start_mark.line + 1};
    return yaml_tree_each_member(&reader->tree, node, "a rule, with name and match", read_key, reader) &&
           complete(reader, node);
}
