/* What each kind of rule makes of an event that matches, and of its time that has come. */
#include <stdlib.h>

#include "client/alert/engine_inner.h"

/* Times that a COUNT keeps; beyond that only each second, third … event counts, for as many. */
#define TIMES_MAX 1000u

static const struct rule *rule_of(const struct engine *engine, const struct group *group)
{
    return &engine->rules->items[group->rule];
}

/* ---- EACH ---- */

void engine_match_each(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    struct group *group = engine_obtain(engine, rule, message);
    if (!group)
        return;
    if (group->state != GROUP_FIRING) {
        engine_keep_event(engine, group, message);
        engine_fire(engine, group, engine->now_us);
    }
    groups_set_due(engine->groups, group, engine->now_us + rule->keep_us);
}

void engine_due_each(struct engine *engine, struct group *group, uint64_t due_us)
{
    engine_resolve(engine, group, due_us);
    engine_remove(engine, group);
}

/* ---- STATE ---- */

void engine_match_state(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    struct group *group = engine_obtain(engine, rule, message);
    if (!group || group->state == GROUP_PENDING)
        return;
    if (group->state == GROUP_FIRING) {
        groups_set_due(engine->groups, group, UINT64_MAX); /* its end was near, perhaps */
        return;
    }
    engine_keep_event(engine, group, message);
    group->state = GROUP_PENDING;
    if (rule->for_us == 0)
        engine_fire(engine, group, engine->now_us);
    else
        groups_set_due(engine->groups, group, engine->now_us + rule->for_us);
}

void engine_clear_state(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    struct group *group = engine_find(engine, rule, message);
    if (!group)
        return;
    if (group->state == GROUP_FIRING && rule->keep_us > 0) {
        if (group->due_us == UINT64_MAX)
            groups_set_due(engine->groups, group, engine->now_us + rule->keep_us);
        return;
    }
    if (group->state == GROUP_FIRING)
        engine_resolve(engine, group, engine->now_us);
    engine_remove(engine, group);
}

void engine_due_state(struct engine *engine, struct group *group, uint64_t due_us)
{
    if (group->state == GROUP_PENDING) {
        engine_fire(engine, group, due_us);
        return;
    }
    engine_resolve(engine, group, due_us);
    engine_remove(engine, group);
}

/* ---- COUNT ---- */

static uint32_t events_in_step(const struct rule *rule)
{
    return (rule->at_least + TIMES_MAX - 1) / TIMES_MAX;
}

uint32_t engine_times_wanted(const struct rule *rule)
{
    return (rule->at_least + events_in_step(rule) - 1) / events_in_step(rule);
}

/* Notes the time in the ring of as many as must come. */
static bool note_time(struct group *group, uint32_t wanted, uint64_t now_us)
{
    if (!group->times_us && !(group->times_us = malloc(wanted * sizeof *group->times_us)))
        return false;
    if (group->time_count < wanted) {
        group->times_us[group->time_count++] = now_us;
        return true;
    }
    group->times_us[group->time_at] = now_us;
    group->time_at = (group->time_at + 1) % wanted;
    return true;
}

/* When so many events are no longer within the window: 0, they never were. */
static uint64_t enough_until(const struct rule *rule, const struct group *group)
{
    return group->time_count == engine_times_wanted(rule) ? group->times_us[group->time_at] + rule->window_us : 0;
}

void engine_match_count(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    uint64_t now_us = engine->now_us;
    struct group *group = engine_obtain(engine, rule, message);
    if (!group)
        return;
    if (++group->step_events >= events_in_step(rule)) {
        group->step_events = 0;
        if (!note_time(group, engine_times_wanted(rule), now_us))
            engine->counts.overflown++;
    }
    uint64_t until_us = enough_until(rule, group);
    if (group->state != GROUP_FIRING && until_us >= now_us && until_us > 0) {
        engine_keep_event(engine, group, message);
        engine_fire(engine, group, now_us);
    }
    bool is_firing = group->state == GROUP_FIRING;
    uint64_t end_us = is_firing && until_us > now_us ? until_us + rule->keep_us : now_us + rule->window_us;
    if (!is_firing || until_us >= now_us)
        groups_set_due(engine->groups, group, end_us);
}

void engine_due_count(struct engine *engine, struct group *group, uint64_t due_us)
{
    const struct rule *rule = rule_of(engine, group);
    if (group->state == GROUP_FIRING)
        engine_resolve(engine, group, due_us);
    uint64_t forgotten_us = group->heard_us + rule->window_us;
    if (due_us >= forgotten_us)
        engine_remove(engine, group);
    else
        groups_set_due(engine->groups, group, forgotten_us);
}

/* ---- ABSENT ---- */

void engine_due_absent(struct engine *engine, struct group *group, uint64_t due_us)
{
    const struct rule *rule = rule_of(engine, group);
    if (group->state == GROUP_FIRING) {
        engine_resolve(engine, group, due_us);
        engine_remove(engine, group);
        return;
    }
    engine_fire(engine, group, due_us);
    if (!group->is_expected)
        groups_set_due(engine->groups, group, group->heard_us + rule->forget_us);
}

/* The text of the rule's condition on a field that `by` names: what is expected before anything was heard. */
static struct span expected_value(const struct rule *rule, struct span member, bool *is_exact)
{
    for (size_t i = 0; i < rule->match.count; i++) {
        const struct condition *condition = &rule->match.conditions[i];
        if (!span_equals(condition_name(condition), member))
            continue;
        *is_exact = *is_exact && condition_exact(condition).data;
        return condition->values[0].text;
    }
    *is_exact = false;
    return span_of("", 0);
}

static struct span expected_key(struct engine *engine, const struct rule *rule, bool *is_exact)
{
    text_clear(&engine->key);
    *is_exact = true;
    for (size_t i = 0; i < rule->by.count; i++) {
        struct span value = expected_value(rule, rule->by.items[i], is_exact);
        text_put(&engine->key, value.data, value.len);
        text_put_char(&engine->key, '\0');
    }
    return text_span(&engine->key);
}

void engine_expect(struct engine *engine, const struct rule *rule)
{
    bool is_exact;
    uint32_t index = engine_rule_index(engine, rule);
    struct group *group = groups_add(engine->groups, index, expected_key(engine, rule, &is_exact));
    if (!group) {
        engine->counts.overflown++;
        return;
    }
    engine->groups_of_rule[index]++;
    group->heard_us = engine->now_us;
    group->is_expected = true;
    groups_set_due(engine->groups, group, engine->now_us + rule->window_us);
}

void engine_expect_no_more(struct engine *engine, const struct rule *rule)
{
    bool is_exact;
    struct group *group =
        groups_find(engine->groups, engine_rule_index(engine, rule), expected_key(engine, rule, &is_exact));
    if (group)
        engine_remove(engine, group);
}

/* Something was heard: nobody waits any more for anything at all. */
static void end_expectation(struct engine *engine, const struct rule *rule)
{
    bool is_exact;
    struct group *group =
        groups_find(engine->groups, engine_rule_index(engine, rule), expected_key(engine, rule, &is_exact));
    if (is_exact || !group || !group->is_expected)
        return;
    if (group->state == GROUP_FIRING)
        engine_resolve(engine, group, engine->now_us);
    engine_remove(engine, group);
}

void engine_match_absent(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    end_expectation(engine, rule);
    struct group *group = engine_obtain(engine, rule, message);
    if (!group)
        return;
    if (group->state == GROUP_FIRING)
        engine_resolve(engine, group, engine->now_us);
    engine_keep_event(engine, group, message);
    groups_set_due(engine->groups, group, engine->now_us + rule->window_us);
}

/* ---- NEW ---- */

void engine_match_new(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    struct group *group = engine_obtain(engine, rule, message);
    if (!group || group->events > 1 || group->is_known)
        return;
    group->is_known = true;
    if (engine->now_us < engine->begun_us + rule->window_us)
        return;
    engine_keep_event(engine, group, message);
    engine_fire(engine, group, engine->now_us);
    groups_set_due(engine->groups, group, engine->now_us + rule->keep_us);
}

void engine_due_new(struct engine *engine, struct group *group, uint64_t due_us)
{
    engine_resolve(engine, group, due_us);
}
