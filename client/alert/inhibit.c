#include "client/alert/inhibit.h"

#include <stdlib.h>

static bool is_equal(const struct members *equal, const struct labels *a, const struct labels *b)
{
    for (size_t i = 0; i < equal->count; i++) {
        const char *name = (const char *)equal->items[i].data, *of_a = labels_get(a, name), *of_b = labels_get(b, name);
        if (strcmp(of_a ? of_a : "", of_b ? of_b : "") != 0)
            return false;
    }
    return true;
}

bool inhibit_holds(const struct inhibit_rule *rule, const struct labels *source, const struct labels *target)
{
    if (!label_matchers_hold(&rule->target, target) || !label_matchers_hold(&rule->source, source) ||
        !is_equal(&rule->equal, source, target))
        return false;
    return !(label_matchers_hold(&rule->source, target) && label_matchers_hold(&rule->target, source));
}

bool inhibit_has_source(const struct inhibit_rules *rules, const struct labels *labels)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (label_matchers_hold(&rules->items[i].source, labels))
            return true;
    }
    return false;
}

bool inhibit_has_target(const struct inhibit_rules *rules, const struct labels *labels)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (label_matchers_hold(&rules->items[i].target, labels))
            return true;
    }
    return false;
}

void inhibit_rules_fini(struct inhibit_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct inhibit_rule *rule = &rules->items[i];
        label_matchers_fini(&rule->source);
        label_matchers_fini(&rule->target);
        for (size_t member = 0; member < rule->equal.count; member++)
            free((void *)(uintptr_t)rule->equal.items[member].data);
        free(rule->equal.items);
    }
    free(rules->items);
    *rules = (struct inhibit_rules){0};
}
