#include "client/alert/engine.h"

#include <stdlib.h>

#include "client/alert/engine_inner.h"

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
    text_init(&engine->rest);
    engine->groups = groups_new(seed);
    engine->sieve = sieve_new(rules);
    engine->groups_of_rule = calloc(rules->count + 1, sizeof *engine->groups_of_rule);
    if (!engine->groups || !engine->sieve || !engine->groups_of_rule) {
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
    sieve_free(&(*engine)->sieve);
    free((*engine)->groups_of_rule);
    text_fini(&(*engine)->key);
    text_fini(&(*engine)->rest);
    free(*engine);
    *engine = NULL;
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
    sieve_begin(engine->sieve, message);
    for (struct sieve_hit hit; sieve_next(engine->sieve, &hit);) {
        if (hit.is_clear) {
            engine_clear_state(engine, hit.rule, message);
        } else {
            engine->counts.matches++;
            match_kind[hit.rule->kind](engine, hit.rule, message);
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
    struct alert alert = engine_alert_of(visit->engine, group, 0);
    visit->each(visit->context, &alert);
}

void engine_each_firing(const struct engine *engine, void (*each)(void *context, const struct alert *alert),
                        void *context)
{
    struct visit visit = {engine, each, context};
    groups_each(engine->groups, visit_group, &visit);
}
