#include "client/alert/bridge.h"

#include "client/alert/alert_journal.h"

#define LOOK_EACH_US UINT64_C(100000)

/* --- what comes out --- */

static void on_alert_told(void *context, const struct notice *notice, const struct mute *mute, const struct rule *rule,
                          uint64_t seq)
{
    struct bridge *bridge = context;
    if (bridge->journal)
        alert_journal_put_alert(bridge->journal, bridge->wall_us, notice, mute, seq);
    if (bridge->out && bridge->is_json)
        notice_put_json_line(bridge->out, notice, mute, rule);
    else if (bridge->out)
        notice_put_line(bridge->out, notice, mute, bridge->is_utc);
}

static void on_letter(void *context, const struct receiver *receiver, bool is_managers, enum tell tell,
                      const struct letter *letter, uint64_t at_us)
{
    struct bridge *bridge = context;
    if (!notifier_tell(bridge->notifier, receiver, is_managers, tell, letter, bridge->wall_us))
        bridge->is_short_of_memory = true;
    if (!bridge->out || !bridge->shows_notices || tell != TELL_NEWS || is_managers)
        return;
    if (bridge->is_json)
        letter_put_json_line(bridge->out, letter, receiver->name, at_us);
    else
        letter_put_line(bridge->out, letter, receiver->name, at_us, bridge->is_utc);
}

static void on_fate(void *context, enum fate fate, const struct lane *lane, const struct delivery *delivery,
                    const char *reason)
{
    struct bridge *bridge = context;
    if (bridge->journal)
        alert_journal_put_fate(bridge->journal, bridge->wall_us, fate, lane, delivery, reason);
}

static void on_alert(void *context, const struct alert *alert)
{
    struct bridge *bridge = context;
    dispatch_alert(bridge->dispatch, alert, bridge->wall_us);
}

/* --- beginning and ending --- */

bool bridge_init(struct bridge *bridge, struct rules_file *rules, uint64_t time_us, uint64_t wall_us)
{
    struct dispatch_calls dispatch_calls = {on_alert_told, on_letter, bridge};
    struct notifier_calls notifier_calls = {on_fate, bridge};
    *bridge = (struct bridge){.rules = *rules, .wall_us = wall_us, .has_begun = time_us > 0};
    *rules = (struct rules_file){.rules = {.count = 0}};
    bridge->engine = engine_new(&bridge->rules.rules, time_us, wall_us, on_alert, bridge);
    bridge->dispatch = dispatch_new(&bridge->rules, &dispatch_calls);
    bridge->notifier = notifier_new(&bridge->rules.receivers, &notifier_calls);
    return bridge->engine && bridge->dispatch && bridge->notifier;
}

void bridge_fini(struct bridge *bridge)
{
    engine_free(&bridge->engine);
    notifier_free(&bridge->notifier);
    dispatch_free(&bridge->dispatch);
    silences_fini(&bridge->silences);
    rules_file_fini(&bridge->rules);
}

void bridge_silence(struct bridge *bridge, struct silences *silences)
{
    struct silences old = bridge->silences;
    bridge->silences = *silences;
    *silences = (struct silences){0};
    dispatch_silence(bridge->dispatch, &bridge->silences);
    silences_fini(&old);
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

/* --- time --- */

void bridge_take(struct bridge *bridge, const struct tocsin_message *message, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    begin(bridge, message->received_us);
    engine_take(bridge->engine, message);
    dispatch_advance(bridge->dispatch, message->received_us, wall_us);
}

void bridge_advance(struct bridge *bridge, uint64_t time_us, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    begin(bridge, time_us);
    engine_advance(bridge->engine, time_us);
    dispatch_advance(bridge->dispatch, time_us, wall_us);
}

void bridge_advance_alone(struct bridge *bridge, uint64_t time_us, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    dispatch_advance(bridge->dispatch, time_us, wall_us);
}

void bridge_prepare(struct bridge *bridge, int64_t now_us, uint64_t wall_us)
{
    bridge->wall_us = wall_us;
    if (wall_us >= bridge->looked_us + LOOK_EACH_US || wall_us < bridge->looked_us) {
        bridge->looked_us = wall_us;
        dispatch_remind(bridge->dispatch, wall_us);
    }
    notifier_choose(bridge->notifier, now_us);
}

bool bridge_is_short_of_memory(const struct bridge *bridge)
{
    return bridge->is_short_of_memory || dispatch_is_short_of_memory(bridge->dispatch);
}

/* --- over restarts and reloads --- */

void bridge_save(const struct bridge *bridge, struct text *out)
{
    engine_save(bridge->engine, out);
    dispatch_save(bridge->dispatch, out);
    notifier_save(bridge->notifier, out);
}

static void confirm(void *context, const struct alert *alert)
{
    struct bridge *bridge = context;
    dispatch_confirm(bridge->dispatch, alert, bridge->wall_us);
}

bool bridge_restore(struct bridge *bridge, struct wire_reader *reader)
{
    if (!engine_restore(bridge->engine, reader) || !dispatch_restore(bridge->dispatch, reader) ||
        !notifier_restore(bridge->notifier, reader))
        return false;
    bridge->has_begun = true;
    engine_each_firing(bridge->engine, confirm, bridge);
    dispatch_end_unknown(bridge->dispatch, bridge->wall_us);
    return !bridge_is_short_of_memory(bridge);
}

bool bridge_reload(struct bridge *bridge, struct rules_file *rules)
{
    struct bridge old = *bridge; /* what is in it looks at bridge->rules, and is not used before they are back */
    struct text saved;
    text_init(&saved);
    bridge_save(bridge, &saved);
    struct wire_reader reader = wire_reader_of(text_span(&saved));
    bool is_good = bridge_init(bridge, rules, 0, old.wall_us) && !saved.failed;
    bridge->out = old.out;
    bridge->journal = old.journal;
    bridge->is_json = old.is_json;
    bridge->is_utc = old.is_utc;
    bridge->shows_notices = old.shows_notices;
    if (is_good) {
        bridge->silences = old.silences;
        old.silences = (struct silences){0};
        dispatch_silence(bridge->dispatch, &bridge->silences);
        is_good = bridge_restore(bridge, &reader);
    }
    text_fini(&saved);
    if (!is_good && bridge->silences.items) {
        old.silences = bridge->silences;
        bridge->silences = (struct silences){0};
    }
    bridge_fini(is_good ? &old : bridge);
    if (!is_good) {
        *bridge = old;
        dispatch_silence(bridge->dispatch, &bridge->silences);
    }
    return is_good;
}
