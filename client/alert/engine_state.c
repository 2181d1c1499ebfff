/* What the engine remembers, written down and taken up again by an engine of the same rules, or of others: what belongs
 * to a rule that is not there any more, or is of another kind now, is left out. */
#include <stdlib.h>

#include "client/alert/engine_inner.h"
#include "proto/wire.h"

#define GROUP_MEMBERS 15u

/* What must be the same for a group to be of the rule: its name, its kind and `by`. */
static void put_identity(struct text *out, const struct rule *rule)
{
    text_clear(out);
    text_printf(out, "%s\n%d", rule->name, (int)rule->kind);
    for (size_t i = 0; i < rule->by.count; i++) {
        text_put_char(out, '\n');
        text_put(out, rule->by.items[i].data, rule->by.items[i].len);
    }
}

static void save_times(struct text *out, const struct group *group)
{
    wire_write_array(out, group->time_count);
    for (uint32_t i = 0; i < group->time_count; i++) /* time_at is 0 until the ring is full */
        wire_write_uint(out, group->times_us[(group->time_at + i) % group->time_count]);
}

static void save_group(void *context, struct group *group)
{
    struct text *out = context;
    wire_write_array(out, GROUP_MEMBERS);
    wire_write_uint(out, group->rule);
    wire_write_str(out, span_of(group->key, group->key_len));
    wire_write_uint(out, group->state);
    wire_write_uint(out, group->is_expected);
    wire_write_uint(out, group->is_known);
    wire_write_uint(out, group->since_us);
    wire_write_uint(out, group->heard_us);
    wire_write_uint(out, group->seq);
    wire_write_uint(out, group->events);
    wire_write_uint(out, group->step_events);
    wire_write_uint(out, group->due_us);
    wire_write_str(out, span_of(group->event, group->event_len));
    wire_write_uint(out, group->event_len > 0);
    save_times(out, group);
    wire_write_nil(out);
}

void engine_save(const struct engine *engine, struct text *out)
{
    struct text identity;
    text_init(&identity);
    wire_write_uint(out, engine->now_us);
    wire_write_uint(out, engine->begun_us);
    wire_write_array(out, (uint32_t)engine->rules->count);
    for (size_t i = 0; i < engine->rules->count; i++) {
        put_identity(&identity, &engine->rules->items[i]);
        wire_write_str(out, text_span(&identity));
    }
    out->failed |= identity.failed;
    text_fini(&identity);
    wire_write_array(out, (uint32_t)groups_count(engine->groups));
    groups_each(engine->groups, save_group, out);
}

/* --- taking up again --- */

static uint32_t find_rule(const struct engine *engine, struct span identity)
{
    struct text own;
    uint32_t found = UINT32_MAX;
    text_init(&own);
    for (size_t i = 0; i < engine->rules->count && found == UINT32_MAX; i++) {
        put_identity(&own, &engine->rules->items[i]);
        if (span_equals(text_span(&own), identity))
            found = (uint32_t)i;
    }
    text_fini(&own);
    return found;
}

static bool restore_times(struct wire_reader *reader, struct group *group, const struct rule *rule)
{
    uint32_t count, wanted = rule && rule->kind == RULE_COUNT ? engine_times_wanted(rule) : 0;
    if (!wire_read_array(reader, &count))
        return false;
    if (group && wanted > 0 && count > 0)
        group->times_us = malloc(wanted * sizeof *group->times_us);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t time_us;
        if (!wire_read_uint(reader, &time_us))
            return false;
        if (group && group->times_us && count - i <= wanted) /* the newest */
            group->times_us[group->time_count++] = time_us;
    }
    return true;
}

struct saved {
    uint64_t rule, state, is_expected, is_known, since_us, heard_us, seq, events, step_events, due_us, has_event;
    struct span key;
    struct span event;
};

static bool read_saved(struct wire_reader *reader, struct saved *saved)
{
    uint32_t count;
    return wire_read_array(reader, &count) && count == GROUP_MEMBERS && wire_read_uint(reader, &saved->rule) &&
           wire_read_str(reader, &saved->key) && wire_read_uint(reader, &saved->state) &&
           wire_read_uint(reader, &saved->is_expected) && wire_read_uint(reader, &saved->is_known) &&
           wire_read_uint(reader, &saved->since_us) && wire_read_uint(reader, &saved->heard_us) &&
           wire_read_uint(reader, &saved->seq) && wire_read_uint(reader, &saved->events) &&
           wire_read_uint(reader, &saved->step_events) && wire_read_uint(reader, &saved->due_us) &&
           wire_read_str(reader, &saved->event) && wire_read_uint(reader, &saved->has_event) &&
           saved->state <= GROUP_FIRING;
}

static void fill_group(struct engine *engine, struct group *group, const struct saved *saved)
{
    struct tocsin_message message = {.seq = saved->seq, .event = {(const char *)saved->event.data, saved->event.len}};
    group->state = (enum group_state)saved->state;
    group->is_expected = saved->is_expected != 0;
    group->is_known = saved->is_known != 0;
    group->since_us = saved->since_us;
    group->heard_us = saved->heard_us;
    group->events = saved->events;
    group->step_events = (uint32_t)saved->step_events;
    if (saved->has_event)
        engine_keep_event(engine, group, &message);
    engine->counts.firing += group->state == GROUP_FIRING;
    groups_set_due(engine->groups, group, saved->due_us);
}

static bool restore_group(struct engine *engine, struct wire_reader *reader, const uint32_t *rules, uint32_t rule_count)
{
    struct saved saved;
    struct group *group = NULL;
    if (!read_saved(reader, &saved) || saved.rule >= rule_count)
        return false;
    uint32_t index = rules[saved.rule];
    const struct rule *rule = index == UINT32_MAX ? NULL : &engine->rules->items[index];
    if (rule && engine->groups_of_rule[index] < ENGINE_GROUPS_MAX &&
        (group = groups_add(engine->groups, index, saved.key)) != NULL) {
        engine->groups_of_rule[index]++;
        fill_group(engine, group, &saved);
    }
    return restore_times(reader, group, rule) && wire_skip(reader);
}

/* A rule that is known from before does not begin to wait anew for what it waits for from the start on. */
static bool restore_rules(struct engine *engine, struct wire_reader *reader, uint32_t *rules, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct span identity;
        if (!wire_read_str(reader, &identity))
            return false;
        rules[i] = find_rule(engine, identity);
        if (rules[i] != UINT32_MAX && engine->rules->items[rules[i]].kind == RULE_ABSENT)
            engine_expect_no_more(engine, &engine->rules->items[rules[i]]);
    }
    return true;
}

bool engine_restore(struct engine *engine, struct wire_reader *reader)
{
    uint32_t rule_count, group_count;
    uint64_t now_us, begun_us;
    if (!wire_read_uint(reader, &now_us) || !wire_read_uint(reader, &begun_us) ||
        !wire_read_array(reader, &rule_count) || rule_count > RULE_COUNT_MAX)
        return false;
    engine->now_us = now_us;
    engine->begun_us = begun_us;
    uint32_t *rules = calloc(rule_count + 1, sizeof *rules);
    bool is_good = rules && restore_rules(engine, reader, rules, rule_count) && wire_read_array(reader, &group_count);
    for (uint32_t i = 0; is_good && i < group_count; i++)
        is_good = restore_group(engine, reader, rules, rule_count);
    free(rules);
    return is_good;
}
