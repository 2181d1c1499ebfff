#include "client/alert/bridge.h"

#define LOOK_EACH_US UINT64_C(1000000)
#define RESEND_US    UINT64_C(60000000) /* Alertmanagers hear of what goes on so often */

static const struct rule *find_rule(const struct bridge *bridge, const char *name)
{
    for (size_t i = 0; i < bridge->rules.rules.count; i++) {
        if (strcmp(bridge->rules.rules.items[i].name, name) == 0)
            return &bridge->rules.rules.items[i];
    }
    return NULL;
}

static void tell(struct bridge *bridge, const struct rule *rule, enum tell kind, const struct notice *notice,
                 unsigned repeats)
{
    for (size_t i = 0; i < rule->receiver_count; i++) {
        if (!notifier_tell(bridge->notifier, rule->receivers[i], kind, notice, repeats, bridge->wall_us))
            bridge->is_short_of_memory = true;
    }
}

static void write_out(struct bridge *bridge, const struct rule *rule, const struct notice *notice)
{
    if (bridge->out && bridge->is_json)
        notice_put_json_line(bridge->out, notice, rule);
    else if (bridge->out)
        notice_put_line(bridge->out, notice, bridge->is_utc);
}

static void remember(struct bridge *bridge, const struct rule *rule, const struct notice *notice)
{
    struct active *active = actives_add(&bridge->actives, notice, rule);
    if (!active) {
        bridge->is_short_of_memory = true;
        return;
    }
    active->repeat_us = bridge->wall_us + rule->repeat_us;
    active->resend_us = bridge->wall_us + RESEND_US;
    active->is_confirmed = true;
}

static void on_notice(struct bridge *bridge, const struct rule *rule, const struct notice *notice)
{
    struct active *active = actives_find(&bridge->actives, notice->fingerprint);
    if (active)
        actives_remove(&bridge->actives, active);
    if (notice->is_firing)
        remember(bridge, rule, notice);
    write_out(bridge, rule, notice);
    tell(bridge, rule, TELL_NEWS, notice, 0);
}

static void on_alert(void *context, const struct alert *alert)
{
    struct bridge *bridge = context;
    struct notice notice;
    if (notice_make(&notice, alert))
        on_notice(bridge, alert->rule, &notice);
    else
        bridge->is_short_of_memory = true;
    notice_fini(&notice);
}

bool bridge_init(struct bridge *bridge, struct rules_file *rules, uint64_t time_us, uint64_t wall_us)
{
    *bridge = (struct bridge){.rules = *rules, .wall_us = wall_us, .has_begun = time_us > 0};
    *rules = (struct rules_file){.rules = {.count = 0}};
    bridge->engine = engine_new(&bridge->rules.rules, time_us, wall_us, on_alert, bridge);
    bridge->notifier = notifier_new(&bridge->rules.receivers);
    return bridge->engine && bridge->notifier;
}

void bridge_fini(struct bridge *bridge)
{
    engine_free(&bridge->engine);
    notifier_free(&bridge->notifier);
    actives_fini(&bridge->actives);
    rules_file_fini(&bridge->rules);
}

/* Absence is waited for from here on. */
static void begin(struct bridge *bridge, uint64_t time_us)
{
    if (bridge->has_begun)
        return;
    struct engine *engine = engine_new(&bridge->rules.rules, time_us, bridge->wall_us, on_alert, bridge);
    if (!engine) {
        bridge->is_short_of_memory = true;
        return;
    }
    engine_free(&bridge->engine);
    bridge->engine = engine;
    bridge->has_begun = true;
}

void bridge_take(struct bridge *bridge, const struct tocsin_message *message, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    begin(bridge, message->received_us);
    engine_take(bridge->engine, message);
}

void bridge_advance(struct bridge *bridge, uint64_t time_us, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    begin(bridge, time_us);
    engine_advance(bridge->engine, time_us);
}

static void tell_again(struct bridge *bridge, struct active *active)
{
    const struct rule *rule = find_rule(bridge, active->rule);
    if (!rule)
        return;
    if (active->resend_us <= bridge->wall_us) {
        active->resend_us = bridge->wall_us + RESEND_US;
        tell(bridge, rule, TELL_RESEND, &active->notice, 0);
    }
    if (active->repeat_us <= bridge->wall_us) {
        active->repeat_us = bridge->wall_us + rule->repeat_us;
        tell(bridge, rule, TELL_REPEAT, &active->notice, ++active->repeats);
    }
}

void bridge_run(struct bridge *bridge, int64_t now_us, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    if (wall_us >= bridge->looked_us + LOOK_EACH_US || wall_us < bridge->looked_us) {
        bridge->looked_us = wall_us;
        for (size_t i = 0; i < bridge->actives.count; i++)
            tell_again(bridge, &bridge->actives.items[i]);
    }
    notifier_run(bridge->notifier, now_us, wall_us);
}

/* --- over restarts and reloads --- */

void bridge_save(const struct bridge *bridge, struct text *out)
{
    engine_save(bridge->engine, out);
    actives_save(&bridge->actives, out);
    notifier_save(bridge->notifier, out);
}

/* An alert that the engine knows: it was told of under these labels, or it is now. */
static void confirm(void *context, const struct alert *alert)
{
    struct bridge *bridge = context;
    struct notice notice;
    if (notice_make(&notice, alert)) {
        struct active *active = actives_find(&bridge->actives, notice.fingerprint);
        if (active)
            active->is_confirmed = true;
        else
            on_notice(bridge, alert->rule, &notice);
    } else {
        bridge->is_short_of_memory = true;
    }
    notice_fini(&notice);
}

/* To those who were told that it began, as far as they are there still. */
static void tell_end(struct bridge *bridge, const struct active *active)
{
    const struct rule *rule = find_rule(bridge, active->rule);
    if (rule)
        write_out(bridge, rule, &active->notice);
    for (const char *at = active->receivers; *at; at += strcspn(at, "\n") + 1) {
        struct span name = span_of(at, strcspn(at, "\n"));
        if (!notifier_tell(bridge->notifier, name, TELL_NEWS, &active->notice, 0, bridge->wall_us))
            bridge->is_short_of_memory = true;
        if (at[name.len] == '\0')
            return;
    }
}

/* An alert of a rule that is gone, or has other labels or another kind now, has ended. */
static void end_unknown(struct bridge *bridge)
{
    for (size_t i = bridge->actives.count; i-- > 0;) {
        struct active *active = &bridge->actives.items[i];
        if (active->is_confirmed)
            continue;
        active->notice.is_firing = false;
        active->notice.ends_us =
            bridge->wall_us > active->notice.starts_us ? bridge->wall_us : active->notice.starts_us;
        tell_end(bridge, active);
        actives_remove(&bridge->actives, active);
    }
}

bool bridge_restore(struct bridge *bridge, struct wire_reader *reader)
{
    if (!engine_restore(bridge->engine, reader) || !actives_restore(&bridge->actives, reader) ||
        !notifier_restore(bridge->notifier, reader))
        return false;
    bridge->has_begun = true;
    engine_each_firing(bridge->engine, confirm, bridge);
    end_unknown(bridge);
    return !bridge->is_short_of_memory;
}

bool bridge_reload(struct bridge *bridge, struct rules_file *rules)
{
    struct bridge old = *bridge; /* its engine looks at bridge->rules, and is not used before they are back */
    struct text saved;
    text_init(&saved);
    bridge_save(bridge, &saved);
    struct wire_reader reader = wire_reader_of(text_span(&saved));
    bool is_good = bridge_init(bridge, rules, 0, old.wall_us) && !saved.failed;
    bridge->out = old.out;
    bridge->is_json = old.is_json;
    bridge->is_utc = old.is_utc;
    is_good = is_good && bridge_restore(bridge, &reader);
    text_fini(&saved);
    bridge_fini(is_good ? &old : bridge);
    if (!is_good)
        *bridge = old;
    return is_good;
}
