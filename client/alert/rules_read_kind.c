/* What makes a rule one kind or another, and its times. */
#include "client/alert/rules_reader.h"

/* The rule is of one kind only. */
static bool set_kind(struct rules_reader *reader, const yaml_node_t *value, enum rule_kind kind)
{
    if (reader->rule->kind != RULE_EACH)
        return yaml_tree_refuse(&reader->tree, value, "a rule has only one of clear, count, rate, absent and new");
    reader->rule->kind = kind;
    return true;
}

bool rules_key_clear(struct rules_reader *reader, const yaml_node_t *value)
{
    return set_kind(reader, value, RULE_STATE) && rules_read_match(reader, value, &reader->rule->clear);
}

bool rules_read_number(struct rules_reader *reader, const yaml_node_t *value, uint32_t *number)
{
    struct span text = yaml_tree_scalar(value);
    uint64_t sum = 0;
    for (size_t i = 0; i < text.len && sum <= RULE_AT_LEAST_MAX; i++)
        sum = text.data[i] >= '0' && text.data[i] <= '9' ? sum * 10 + text.data[i] - '0' : UINT64_MAX / 20;
    *number = (uint32_t)sum;
    return (sum > 0 && sum <= RULE_AT_LEAST_MAX) ||
           yaml_tree_refuse(&reader->tree, value, "expected a whole number from 1 to 100000");
}

struct window {
    struct rules_reader *rules;
    uint32_t at_least;
    uint64_t within_us;
    uint64_t per_us;
};

static bool read_count_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    static const char *const names[] = {"at_least", "within"};
    struct window *window = context;
    if (span_is(yaml_tree_scalar(name), "at_least"))
        return rules_read_number(window->rules, value, &window->at_least);
    if (span_is(yaml_tree_scalar(name), "within"))
        return rules_read_duration(window->rules, value, &window->within_us);
    return rules_refuse_name(window->rules, name, names, 2);
}

static bool read_rate_key(void *context, const yaml_node_t *name, const yaml_node_t *value)
{
    static const char *const names[] = {"at_least", "per", "over"};
    struct window *window = context;
    if (span_is(yaml_tree_scalar(name), "at_least"))
        return rules_read_number(window->rules, value, &window->at_least);
    if (span_is(yaml_tree_scalar(name), "per"))
        return rules_read_duration(window->rules, value, &window->per_us);
    if (span_is(yaml_tree_scalar(name), "over"))
        return rules_read_duration(window->rules, value, &window->within_us);
    return rules_refuse_name(window->rules, name, names, 3);
}

bool rules_key_count(struct rules_reader *reader, const yaml_node_t *value)
{
    struct window window = {.rules = reader};
    if (!set_kind(reader, value, RULE_COUNT) ||
        !yaml_tree_each_member(&reader->tree, value, "{at_least: 50, within: 10s}", read_count_key, &window))
        return false;
    reader->rule->at_least = window.at_least;
    reader->rule->window_us = window.within_us;
    return (window.at_least > 0 && window.within_us > 0) ||
           yaml_tree_refuse(&reader->tree, value, "expected both at_least and within");
}

/* So many in each `per` is, over the whole window, that many times as much. */
bool rules_key_rate(struct rules_reader *reader, const yaml_node_t *value)
{
    struct window window = {.rules = reader};
    if (!set_kind(reader, value, RULE_COUNT) ||
        !yaml_tree_each_member(&reader->tree, value, "{at_least: 5, per: 1s, over: 1m}", read_rate_key, &window))
        return false;
    if (window.at_least == 0 || window.per_us == 0 || window.within_us < window.per_us)
        return yaml_tree_refuse(&reader->tree, value, "expected at_least, per and over, and over not shorter than per");
    double events = (double)window.at_least * ((double)window.within_us / (double)window.per_us);
    if (events > RULE_AT_LEAST_MAX)
        return yaml_tree_refuse(&reader->tree, value, "that is more than 100000 events: expected a shorter `over`");
    reader->rule->at_least = (uint32_t)(events + 0.5);
    reader->rule->window_us = window.within_us;
    return true;
}

bool rules_key_absent(struct rules_reader *reader, const yaml_node_t *value)
{
    return set_kind(reader, value, RULE_ABSENT) && rules_read_duration(reader, value, &reader->rule->window_us);
}

bool rules_key_new(struct rules_reader *reader, const yaml_node_t *value)
{
    if (!set_kind(reader, value, RULE_NEW))
        return false;
    return span_is(yaml_tree_scalar(value), "0s") || rules_read_duration(reader, value, &reader->rule->window_us);
}

bool rules_key_for(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->rule->for_us);
}

bool rules_key_keep_firing_for(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->rule->keep_us);
}

bool rules_key_forget(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->rule->forget_us);
}

bool rules_key_repeat_interval(struct rules_reader *reader, const yaml_node_t *value)
{
    return rules_read_duration(reader, value, &reader->rule->repeat_us);
}
