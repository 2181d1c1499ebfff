/* The group of an event, and the alerts that begin and end with it. */
#include "client/alert/engine_inner.h"
#include "client/member.h"

/* Of a value of `by`, so that keys stay small. */
#define KEY_VALUE_MAX 256u

uint32_t engine_rule_index(const struct engine *engine, const struct rule *rule)
{
    return (uint32_t)(rule - engine->rules->items);
}

/* Each value ended by NUL, so that no two combinations look the same. */
static struct span make_key(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    struct text *key = &engine->key;
    text_clear(key);
    for (size_t i = 0; i < rule->by.count; i++) {
        size_t start = key->len;
        if (span_is(rule->by.items[i], "sourceId"))
            text_put(key, message->source_id.data, message->source_id.len);
        else
            member_put(key, message, rule->by.items[i]);
        if (key->len - start > KEY_VALUE_MAX)
            key->len = start + KEY_VALUE_MAX;
        text_put_char(key, '\0');
    }
    return text_span(key);
}

struct group *engine_find(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    return groups_find(engine->groups, engine_rule_index(engine, rule), make_key(engine, rule, message));
}

struct group *engine_obtain(struct engine *engine, const struct rule *rule, const struct tocsin_message *message)
{
    uint32_t index = engine_rule_index(engine, rule);
    struct span key = make_key(engine, rule, message);
    if (engine->on_match)
        engine->on_match(engine->watcher, rule, key, message);
    struct group *group = groups_find(engine->groups, index, key);
    if (!group && !engine->key.failed && engine->groups_of_rule[index] < ENGINE_GROUPS_MAX &&
        (group = groups_add(engine->groups, index, key)) != NULL)
        engine->groups_of_rule[index]++;
    if (!group) {
        engine->counts.overflown++;
        return NULL;
    }
    group->heard_us = engine->now_us;
    group->events++;
    return group;
}

void engine_watch(struct engine *engine,
                  void (*on_match)(void *context, const struct rule *rule, struct span key,
                                   const struct tocsin_message *message),
                  void *context)
{
    engine->on_match = on_match;
    engine->watcher = context;
}

void engine_remove(struct engine *engine, struct group *group)
{
    engine->groups_of_rule[group->rule]--;
    engine_keep_event(engine, group, NULL);
    groups_remove(engine->groups, group);
}

struct alert engine_alert_of(const struct engine *engine, const struct group *group, uint64_t ends_us)
{
    return (struct alert){
        .rule = &engine->rules->items[group->rule],
        .is_firing = ends_us == 0,
        .starts_us = group->since_us,
        .ends_us = ends_us,
        .seq = group->seq,
        .key = span_of(group->key, group->key_len),
        .event = span_of(group->event_len > 0 ? group->event : NULL, group->event_len),
        .events = group->events,
    };
}

void engine_fire(struct engine *engine, struct group *group, uint64_t at_us)
{
    group->state = GROUP_FIRING;
    group->since_us = at_us;
    engine->counts.firing++;
    struct alert alert = engine_alert_of(engine, group, 0);
    engine->on_alert(engine->context, &alert);
}

void engine_resolve(struct engine *engine, struct group *group, uint64_t at_us)
{
    struct alert alert = engine_alert_of(engine, group, at_us);
    group->state = GROUP_QUIET;
    engine->counts.firing--;
    engine->on_alert(engine->context, &alert);
    engine_keep_event(engine, group, NULL);
    group->events = 0;
}
