#include "client/tracker/tracker.h"

#include "client/tracker/effect.h"
#include "proto/rfc3339.h"

/* Events of the broker's own life say nothing of the world. */
#define BROKER "BrokerEvent"

enum rule_effect {
    EFFECT_STATUS,
    EFFECT_SCALE,
    EFFECT_MEMORY,
    EFFECT_SERVER,
    EFFECT_THING,
    EFFECT_PART,
    EFFECT_NOTE,
    EFFECT_TOLD
};

struct rule {
    const char *category;
    const char *type;
    enum rule_effect effect;
    enum item_kind kind;
    enum item_state state;
};

static const struct rule rules[] = {
#define RULE(category, type, effect, kind, state) {#category, #type, EFFECT_##effect, ITEM_##kind, ITEM_STATE_##state},
#include "client/tracker/rule.def"
#undef RULE
};

#define RULE_COUNT (sizeof rules / sizeof *rules)

static const char *const kind_members[] = {
#define KIND(id, member, title, singular) member,
#include "client/tracker/kind.def"
#undef KIND
};

static const char *const kind_titles[] = {
#define KIND(id, member, title, singular) title,
#include "client/tracker/kind.def"
#undef KIND
};

static const struct {
    const char *word;
    bool is_over;
} states[] = {
#define STATE(id, word, is_over) {word, is_over},
#include "client/tracker/state.def"
#undef STATE
};

const char *tracker_kind_member(enum item_kind kind)
{
    return kind_members[kind];
}

const char *tracker_kind_title(enum item_kind kind)
{
    return kind_titles[kind];
}

const char *tracker_state_word(enum item_state state)
{
    return states[state].word;
}

bool tracker_init(struct tracker *tracker, uint64_t seed)
{
    *tracker = (struct tracker){.items = items_new(ITEMS_COUNT_MAX, ITEMS_BYTES_MAX, seed)};
    return tracker->items != NULL;
}

void tracker_fini(struct tracker *tracker)
{
    items_free(&tracker->items);
}

void tracker_reach(struct tracker *tracker, uint64_t seq)
{
    if (seq > tracker->seq)
        tracker->seq = seq;
}

size_t tracker_types(const char **types)
{
    _Static_assert(RULE_COUNT <= TRACKER_TYPES_MAX, "each rule may name a type of its own");
    for (size_t i = 0; i < RULE_COUNT; i++)
        types[i] = rules[i].type;
    return RULE_COUNT;
}

static const struct rule *find_rule(struct span category, struct span type)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (span_is(type, rules[i].type) && span_is(category, rules[i].category))
            return &rules[i];
    }
    return NULL;
}

static struct span span_of_text(struct tocsin_text text)
{
    return span_of(text.data, text.len);
}

static uint64_t time_of(const struct tocsin_message *message)
{
    struct rfc3339 time;
    if (!message->time.data || !rfc3339_read(span_of_text(message->time), &time) || time.seconds < 0)
        return message->received_us;
    return (uint64_t)time.seconds * 1000000 + time.nanoseconds / 1000;
}

/* When its source was last heard of. */
static void see(const struct effect *effect)
{
    bool is_new;
    struct span none = {0};
    struct item *item = effect_obtain(effect, ITEM_SOURCE, effect->source, none, none, &is_new);
    if (!item || effect->seq < item->seq)
        return;
    item->since_us = effect->time_us;
    effect_set_text(effect, item, effect->type);
    effect_hear(effect, item, false);
}

static bool carry_out(const struct effect *effect, enum rule_effect what)
{
    switch (what) {
    case EFFECT_STATUS:
        return effect_status(effect);
    case EFFECT_SCALE:
        return effect_scale(effect);
    case EFFECT_MEMORY:
        return effect_memory(effect);
    case EFFECT_PART:
        return effect_part(effect);
    case EFFECT_TOLD:
        return effect_told(effect);
    case EFFECT_SERVER:
        effect_server_started(effect);
        break;
    case EFFECT_THING:
        effect_thing(effect);
        break;
    case EFFECT_NOTE:
        effect_note(effect);
        break;
    }
    return true;
}

void tracker_apply(struct tracker *tracker, const struct tocsin_message *message)
{
    struct span category = span_of_text(message->category);
    bool is_known = message->seq <= tracker->seq;
    tracker_reach(tracker, message->seq);
    if (message->received_us > tracker->received_us)
        tracker->received_us = message->received_us;
    if (span_is(category, BROKER))
        return;
    const struct rule *rule = find_rule(category, span_of_text(message->type));
    struct effect effect = {
        .tracker = tracker,
        .source = span_of_text(message->source_id),
        .type = span_of_text(message->type),
        .summary = span_of_text(message->summary),
        .snapshot = span_of_text(message->snapshot),
        .time_us = time_of(message),
        .received_us = message->received_us,
        .seq = message->seq,
    };
    if (rule && (rule->effect == EFFECT_STATUS || rule->effect == EFFECT_SCALE))
        effect.source = effect_server(effect.source, effect.type, effect.snapshot);
    bool is_own = rule && rule->effect == EFFECT_TOLD; /* no sign of life of its source */
    if (!is_own)
        see(&effect);
    if (!rule || (is_known && !is_own))
        return;
    effect.kind = rule->kind;
    effect.state = rule->state;
    effect.is_over = states[rule->state].is_over;
    if (!carry_out(&effect, rule->effect))
        tracker->malformed++;
}
