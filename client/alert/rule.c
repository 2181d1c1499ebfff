#include "client/alert/rule.h"

#include <stdlib.h>

static void match_fini(struct match *match)
{
    for (size_t i = 0; i < match->count; i++)
        condition_fini(&match->conditions[i]);
    free(match->conditions);
    *match = (struct match){0};
}

static void spans_fini(struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)items[i].data);
    free(items);
}

static void rule_fini(struct rule *rule)
{
    free(rule->name);
    match_fini(&rule->match);
    match_fini(&rule->clear);
    labels_fini(&rule->labels);
    labels_fini(&rule->annotations);
    spans_fini(rule->by.items, rule->by.count);
    spans_fini(rule->receivers, rule->receiver_count);
    *rule = (struct rule){0};
}

void rules_fini(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        rule_fini(&rules->items[i]);
    free(rules->items);
    *rules = (struct rules){0};
}
