#include "client/alert/engine.h"

#include <stdlib.h>

#include "client/alert/engine_inner.h"
#include "client/member.h"

/* Of a value of `by`, so that keys stay small. */
#define KEY_VALUE_MAX 256u

static void (*const match_kind[])(struct engine *, const struct rule *, const struct tocsin_message *) = {
    [RULE_EACH] = engine_match_each,     [RULE_STATE] = engine_match_state, [RULE_COUNT] = engine_match_count,
    [RULE_ABSENT] = engine_match_absent, [RULE_NEW] = engine_match_new,
};

static void (*const due_kind[])(struct engine *, struct group *, uint64_t) = {
    [RULE_EACH] = engine_due_each,     [RULE_STATE] = engine_due_state, [RULE_COUNT] = engine_due_count,
    [RULE_ABSENT] = engine_due_absent, [RULE_NEW] = engine_due_new,
};

struct engine *engine_new(const struct rules *rules, uint64_t now_us, uint64_t seed,
                          void (*on_alert)(void *context, const struct alert *alert), void *context)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    *engine =
        (struct engine){.rules = rules, .now_us = now_us, .begun_us = now_us, .on_alert = on_alert, .context = context};
    text_init(&engine->key);
    engine->groups = groups_new(seed);
    engine->groups_of_rule = calloc(rules->count + 1, sizeof *engine->groups_of_rule);
    if (!engine->groups || !engine->groups_of_rule) {
        engine_free(&engine);
        return NULL;
    }
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].kind == RULE_ABSENT)
            engine_expect(engine, &rules->items[i]);
    }
    return engine;
}

void engine_free(struct engine **engine)
{
    if (!*engine)
        return;
    groups_free(&(*engine)->groups);
    free((*engine)->groups_of_rule);
    text_fini(&(*engine)->key);
    free(*engine);
    *engine = NULL;
}

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

void engine_remove(struct engine *engine, struct group *group)
{
    engine->groups_of_rule[group->rule]--;
    groups_remove(engine->groups, group);
}

void engine_keep_event(struct group *group, const struct tocsin_message *message)
{
    group->event_len = 0;
    group->seq = message ? message->seq : 0;
    if (!message)
        return;
    uint8_t *event = realloc(group->event, message->event.len);
    if (!event)
        return; /* the alert is told without it */
    memcpy(event, message->event.data, message->event.len);
    group->event = event;
    group->event_len = (uint32_t)message->event.len;
}

static struct alert alert_of(const struct engine *engine, const struct group *group, uint64_t ends_us)
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
    struct alert alert = alert_of(engine, group, 0);
    engine->on_alert(engine->context, &alert);
}

void engine_resolve(struct engine *engine, struct group *group, uint64_t at_us)
{
    struct alert alert = alert_of(engine, group, at_us);
    group->state = GROUP_QUIET;
    engine->counts.firing--;
    engine->on_alert(engine->context, &alert);
    engine_keep_event(group, NULL);
    group->events = 0;
}

void engine_advance(struct engine *engine, uint64_t now_us)
{
    for (struct group *group; (group = groups_first_due(engine->groups)) && group->due_us <= now_us;) {
        uint64_t due_us = group->due_us;
        if (due_us > engine->now_us)
            engine->now_us = due_us;
        groups_set_due(engine->groups, group, UINT64_MAX);
        due_kind[engine->rules->items[group->rule].kind](engine, group, due_us);
    }
    if (now_us > engine->now_us)
        engine->now_us = now_us;
}

void engine_take(struct engine *engine, const struct tocsin_message *message)
{
    engine_advance(engine, message->received_us);
    engine->counts.events++;
    for (size_t i = 0; i < engine->rules->count; i++) {
        const struct rule *rule = &engine->rules->items[i];
        if (match_holds(&rule->match, message)) {
            engine->counts.matches++;
            match_kind[rule->kind](engine, rule, message);
        } else if (rule->kind == RULE_STATE && match_holds(&rule->clear, message)) {
            engine_clear_state(engine, rule, message);
        }
    }
}

uint64_t engine_due_us(const struct engine *engine)
{
    const struct group *group = groups_first_due(engine->groups);
    return group ? group->due_us : UINT64_MAX;
}

struct engine_counts engine_count(const struct engine *engine)
{
    struct engine_counts counts = engine->counts;
    counts.groups = groups_count(engine->groups);
    return counts;
}

struct visit {
    const struct engine *engine;
    void (*each)(void *context, const struct alert *alert);
    void *context;
};

static void visit_group(void *context, struct group *group)
{
    const struct visit *visit = context;
    if (group->state != GROUP_FIRING)
        return;
    struct alert alert = alert_of(visit->engine, group, 0);
    visit->each(visit->context, &alert);
}

void engine_each_firing(const struct engine *engine, void (*each)(void *context, const struct alert *alert),
                        void *context)
{
    struct visit visit = {engine, each, context};
    groups_each(engine->groups, visit_group, &visit);
}
