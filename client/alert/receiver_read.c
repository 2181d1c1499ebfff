/* A receiver: a list of targets, or a map with the keys of receiver_key.def. */
#include <stdlib.h>

#include "client/alert/label_matcher.h"
#include "client/alert/lane.h"
#include "client/alert/rules_reader.h"

#define GROUP_WAIT_US     UINT64_C(30000000) /* as Alertmanager has them */
#define GROUP_INTERVAL_US UINT64_C(300000000)

struct names_reader {
    struct rules_reader *rules;
    struct members *names;
};

static bool read_label_name(void *context, const yaml_node_t *item)
{
    struct names_reader *reader = context;
    char *name;
    if (!rules_read_text(reader->rules, item, "a label's name, as severity", &name))
        return false;
    struct span *items = realloc(reader->names->items, (reader->names->count + 1) * sizeof *items);
    if (!items) {
        free(name);
        return rules_no_memory(reader->rules, item);
    }
    reader->names->items = items;
    items[reader->names->count++] = span_of_str(name);
    return label_name_is_good(span_of_str(name)) ||
           yaml_tree_refuse_value(&reader->rules->tree, item,
                                  "is no label's name: expected letters, digits and _, not a digit first");
}

bool rules_read_label_names(struct rules_reader *reader, const yaml_node_t *value, struct members *names)
{
    struct names_reader own = {reader, names};
    return yaml_tree_each_item(&reader->tree, value, read_label_name, &own);
}

static bool is_each_alone(struct yaml_tree *tree, const yaml_node_t *value)
{
    if (value->type == YAML_SEQUENCE_NODE && value->data.sequence.items.top - value->data.sequence.items.start == 1)
        value = yaml_document_get_node(&tree->document, *value->data.sequence.items.start);
    return span_is(yaml_tree_scalar(value), "...");
}

bool rules_receiver_group_by(struct rules_reader *reader, const yaml_node_t *value)
{
    if (is_each_alone(&reader->tree, value))
        return true;
    reader->receiver->is_grouped = true;
    return rules_read_label_names(reader, value, &reader->receiver->group_by);
}

bool rules_receiver_group_wait(struct rules_reader *reader, const yaml_node_t *value)
{
    reader->has_wait = true;
    return span_is(yaml_tree_scalar(value), "0s") ||
           rules_read_duration(reader, value, &reader->receiver->group_wait_us);
}

bool rules_receiver_group_interval(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->receiver->group_interval_us);
}

bool rules_receiver_repeat_interval(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->receiver->repeat_us);
}

static bool read_limit_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    static const char *const names[] = {"at_most", "per"};
    struct rules_reader *reader = context;
    if (span_is(yaml_tree_scalar(name), "at_most"))
        return rules_read_number(reader, value, &reader->receiver->limit_count);
    if (span_is(yaml_tree_scalar(name), "per"))
        return rules_read_duration(reader, value, &reader->receiver->limit_us);
    return rules_refuse_name(reader, name, names, 2);
}

bool rules_receiver_rate_limit(struct rules_reader *reader, const yaml_node_t *value)
{
    const struct receiver *receiver = reader->receiver;
    if (!yaml_tree_each_member(&reader->tree, value, "{at_most: 20, per: 1m}", read_limit_key, reader))
        return false;
    if (receiver->limit_count == 0 || receiver->limit_us == 0)
        return yaml_tree_refuse(&reader->tree, value, "expected both at_most and per");
    return receiver->limit_count <= LANE_LIMIT_MAX ||
           yaml_tree_refuse(&reader->tree, value, "expected at_most of 10000 or less");
}

static const struct rules_key keys[] = {
#define RECEIVER_KEY(name, meaning) {#name, rules_receiver_##name},
#include "client/alert/receiver_key.def"
#undef RECEIVER_KEY
};

static bool read_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    return rules_read_key(context, name, value, keys, sizeof keys / sizeof *keys);
}

/* What no single key can tell. */
static bool complete(struct rules_reader *reader, const yaml_node_t *node)
{
    struct receiver *receiver = reader->receiver;
    if (!reader->has_targets)
        return yaml_tree_refuse(&reader->tree, node,
                                "expected a list of targets, as - webhook: {url: ...}, maybe under targets:");
    if (!receiver->is_grouped && (reader->has_wait || receiver->group_interval_us > 0))
        return yaml_tree_refuse(&reader->tree, node, "expected group_by beside group_wait and group_interval");
    if (!reader->has_wait)
        receiver->group_wait_us = GROUP_WAIT_US;
    if (receiver->group_interval_us == 0)
        receiver->group_interval_us = GROUP_INTERVAL_US;
    return true;
}

bool rules_read_receiver(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    struct rules_reader *reader = context;
    struct receivers *receivers = &reader->file->receivers;
    struct receiver *items = realloc(receivers->items, (receivers->count + 1) * sizeof *items);
    if (!items)
        return rules_no_memory(reader, name);
    receivers->items = items;
    reader->receiver = &items[receivers->count++];
    reader->has_wait = reader->has_targets = false;
    *reader->receiver = (struct receiver){.line = name->start_mark.line + 1};
    if (!rules_read_name(reader, name, "a receiver's name", &reader->receiver->name))
        return false;
    if (value->type == YAML_SEQUENCE_NODE)
        return rules_receiver_targets(reader, value);
    return yaml_tree_each_member(&reader->tree, value,
                                 "a list of targets, as - webhook: {url: ...}, or targets: and that list", read_key,
                                 reader) &&
           complete(reader, value);
}
