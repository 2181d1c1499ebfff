/* The happy path: an alert begins, is put into a bundle for each of its receivers, and when the bundle's time has come all
 * news in it are told in a letter. What can keep it back: the group waits for more, the alert is silenced, or another one
 * inhibits it; when that ends, it is told if it goes on still. */
#include <stdlib.h>

#include "client/alert/dispatch_inner.h"

#define ENDED_MAX 10000u /* alerts that have ended and wait for their groups: beyond that all are told at once */

struct dispatch *dispatch_new(const struct rules_file *rules, const struct dispatch_calls *calls)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (dispatch)
        *dispatch = (struct dispatch){.rules = rules, .calls = *calls, .silence_us = UINT64_MAX, .next_us = UINT64_MAX};
    return dispatch;
}

void dispatch_free(struct dispatch **self)
{
    struct dispatch *dispatch = *self;
    if (!dispatch)
        return;
    for (size_t i = 0; i < dispatch->bundle_count; i++)
        bundle_free(&dispatch->bundles[i]);
    free(dispatch->bundles);
    free(dispatch->ready);
    actives_fini(&dispatch->actives);
    free(dispatch);
    *self = NULL;
}

bool dispatch_is_short_of_memory(const struct dispatch *dispatch)
{
    return dispatch->is_short_of_memory;
}

size_t dispatch_count(const struct dispatch *dispatch)
{
    return dispatch->actives.count;
}

static bool waits(const struct post *post)
{
    return post->active->notice.is_firing && post->told_us != post->active->notice.starts_us;
}

/* What was silenced or inhibited may be no longer. */
static void look_at_muted(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->bundle_count; i++) {
        struct bundle *bundle = dispatch->bundles[i];
        for (size_t p = 0; bundle->due_us == UINT64_MAX && p < bundle->count; p++) {
            if (waits(&bundle->posts[p]))
                dispatch_touch(dispatch, bundle);
        }
    }
}

static void note_silences(struct dispatch *dispatch)
{
    dispatch->silence_us = dispatch->silences ? silences_next_us(dispatch->silences, dispatch->now_us) : UINT64_MAX;
    if (dispatch->silence_us < dispatch->next_us)
        dispatch->next_us = dispatch->silence_us;
}

static void flush_due(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->bundle_count;) {
        struct bundle *bundle = dispatch->bundles[i];
        bool is_gone = bundle->due_us <= dispatch->now_us && !dispatch_flush(dispatch, bundle);
        i += !is_gone; /* else another has taken its place */
    }
}

void dispatch_flush_ready(struct dispatch *dispatch)
{
    for (size_t i = 0; i < dispatch->ready_count; i++) {
        dispatch->ready[i]->is_ready = false;
        dispatch_flush(dispatch, dispatch->ready[i]);
    }
    dispatch->ready_count = 0;
}

void dispatch_silence(struct dispatch *dispatch, const struct silences *silences)
{
    dispatch->silences = silences;
    look_at_muted(dispatch);
    note_silences(dispatch);
    dispatch_flush_ready(dispatch);
}

/* --- time --- */

static uint64_t find_next(const struct dispatch *dispatch)
{
    uint64_t next_us = dispatch->silence_us;
    for (size_t i = 0; i < dispatch->bundle_count; i++) {
        if (dispatch->bundles[i]->due_us < next_us)
            next_us = dispatch->bundles[i]->due_us;
    }
    return next_us;
}

void dispatch_advance(struct dispatch *dispatch, uint64_t time_us, uint64_t wall_us)
{
    dispatch->wall_us = wall_us;
    while (dispatch->next_us <= time_us) {
        dispatch->next_us = find_next(dispatch);
        if (dispatch->next_us > time_us)
            break;
        if (dispatch->next_us > dispatch->now_us)
            dispatch->now_us = dispatch->next_us;
        if (dispatch->silence_us <= dispatch->now_us) {
            look_at_muted(dispatch);
            note_silences(dispatch);
        }
        dispatch_flush_ready(dispatch);
        flush_due(dispatch);
    }
    if (time_us > dispatch->now_us)
        dispatch->now_us = time_us;
}

/* --- alerts --- */

void dispatch_tell_alert(const struct dispatch *dispatch, const struct active *active, const struct rule *rule,
                         uint64_t seq)
{
    if (dispatch->calls.on_alert)
        dispatch->calls.on_alert(dispatch->calls.context, &active->notice, &active->mute, rule, seq);
}

/* The alert begins again before its end was told. */
static void supersede(struct active *active)
{
    for (size_t i = 0; i < active->bundle_count; i++) {
        struct post *post = bundle_find(active->bundles[i], active);
        active->bundles[i]->superseded += !active->notice.is_firing && !post->was_muted;
        post->was_muted = false;
    }
}

/* The alert as it is now, in place of what it was. */
static struct active *take_notice(struct dispatch *dispatch, const struct alert *alert, struct notice *notice)
{
    struct active *active = actives_find(&dispatch->actives, notice->fingerprint);
    if (!active)
        return notice->is_firing ? actives_add(&dispatch->actives, notice, span_of_str(alert->rule->name)) : NULL;
    if (notice->is_firing) {
        supersede(active);
        dispatch->ended_count -= !active->notice.is_firing;
    } else {
        dispatch->ended_count += active->notice.is_firing;
    }
    struct notice old = active->notice;
    active->notice = *notice;
    *notice = old;
    return active;
}

void dispatch_begin(struct dispatch *dispatch, struct active *active, const struct rule *rule)
{
    active->is_source = inhibit_has_source(&dispatch->rules->inhibit_rules, &active->notice.labels);
    active->is_confirmed = true;
    active->repeat_us = rule->repeat_us;
    for (size_t i = 0; i < rule->receiver_count; i++) {
        const struct receiver *receiver = receivers_find(&dispatch->rules->receivers, rule->receivers[i]);
        if (receiver)
            dispatch_join(dispatch, active, receiver);
    }
    for (size_t i = 0; i < active->bundle_count; i++) {
        bundle_find(active->bundles[i], active)->was_muted |= active->mute.kind != MUTE_NONE;
        dispatch_touch(dispatch, active->bundles[i]);
    }
}

void dispatch_end(struct dispatch *dispatch, struct active *active)
{
    for (size_t i = 0; i < active->bundle_count; i++)
        dispatch_touch(dispatch, active->bundles[i]);
    if (active->is_source)
        look_at_muted(dispatch);
    if (active->bundle_count == 0) {
        dispatch->ended_count--;
        actives_remove(&dispatch->actives, active);
    }
}

/* Memory is bounded by what goes on, not by what has ended. */
static void make_room(struct dispatch *dispatch)
{
    if (dispatch->ended_count <= ENDED_MAX)
        return;
    for (size_t i = 0; i < dispatch->bundle_count; i++) {
        if (dispatch->bundles[i]->due_us != UINT64_MAX)
            dispatch->bundles[i]->due_us = dispatch->now_us;
    }
    flush_due(dispatch);
}

void dispatch_alert(struct dispatch *dispatch, const struct alert *alert, uint64_t wall_us)
{
    struct notice notice;
    dispatch_advance(dispatch, alert->is_firing ? alert->starts_us : alert->ends_us, wall_us);
    bool is_good = notice_make(&notice, alert);
    struct active *active = is_good ? take_notice(dispatch, alert, &notice) : NULL;
    notice_fini(&notice);
    dispatch->is_short_of_memory |= !is_good || (!active && alert->is_firing);
    if (!active)
        return;
    active->mute = dispatch_judge(dispatch, &active->notice.labels);
    dispatch_tell_alert(dispatch, active, alert->rule, alert->seq);
    if (alert->is_firing)
        dispatch_begin(dispatch, active, alert->rule);
    else
        dispatch_end(dispatch, active);
    dispatch_flush_ready(dispatch);
    make_room(dispatch);
}
