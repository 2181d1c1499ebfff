/* What is known, over restarts and reloads. */
#include <stdlib.h>

#include "client/alert/dispatch_inner.h"
#include "client/span_text.h"

/* --- writing --- */

static void save_bundle(const struct bundle *bundle, struct text *out)
{
    wire_write_str(out, span_of_str(bundle->receiver->name));
    wire_write_uint(out, bundle->is_managers);
    wire_write_uint(out, bundle->is_group);
    wire_write_str(out, span_of_str(bundle->key));
    labels_save(&bundle->labels, out);
    wire_write_uint(out, bundle->due_us);
    wire_write_uint(out, bundle->flushed_us);
    wire_write_uint(out, bundle->repeat_us);
    wire_write_uint(out, bundle->repeats);
    wire_write_uint(out, bundle->superseded);
    wire_write_array(out, (uint32_t)bundle->count);
    for (size_t i = 0; i < bundle->count; i++) {
        const struct post *post = &bundle->posts[i];
        wire_write_str(out, span_of_str(post->active->notice.fingerprint));
        wire_write_uint(out, post->told_us);
        wire_write_uint(out, post->was_muted);
    }
}

void dispatch_save(const struct dispatch *dispatch, struct text *out)
{
    wire_write_uint(out, dispatch->now_us);
    actives_save(&dispatch->actives, out);
    wire_write_array(out, (uint32_t)dispatch->bundle_count);
    for (size_t i = 0; i < dispatch->bundle_count; i++)
        save_bundle(dispatch->bundles[i], out);
}

/* --- reading --- */

static bool restore_post(struct dispatch *dispatch, struct bundle *bundle, struct wire_reader *reader)
{
    struct span fingerprint;
    uint64_t told_us, was_muted;
    if (!wire_read_str(reader, &fingerprint) || fingerprint.len != NOTICE_FINGERPRINT_LEN ||
        !wire_read_uint(reader, &told_us) || !wire_read_uint(reader, &was_muted))
        return false;
    struct active *active = actives_find(&dispatch->actives, (const char *)fingerprint.data);
    if (!active || (bundle && bundle_find(bundle, active)))
        return false;
    struct post *post = bundle ? bundle_add(bundle, active) : NULL;
    if (post)
        *post = (struct post){.active = active, .told_us = told_us, .was_muted = was_muted != 0};
    return post || !bundle;
}

/* A bundle of a receiver that is gone is passed over. */
static bool restore_bundle(struct dispatch *dispatch, struct wire_reader *reader)
{
    struct span name, key;
    struct labels labels = {0};
    uint32_t count;
    struct bundle *bundle = NULL, head = {.key = NULL};
    uint64_t is_managers, is_group, repeats, superseded;
    bool is_good = wire_read_str(reader, &name) && wire_read_uint(reader, &is_managers) &&
                   wire_read_uint(reader, &is_group) && wire_read_str(reader, &key) &&
                   !memchr(key.data, '\0', key.len) && labels_restore(&labels, reader) &&
                   wire_read_uint(reader, &head.due_us) && wire_read_uint(reader, &head.flushed_us) &&
                   wire_read_uint(reader, &head.repeat_us) && wire_read_uint(reader, &repeats) &&
                   wire_read_uint(reader, &superseded) && wire_read_array(reader, &count);
    const struct receiver *receiver = is_good ? receivers_find(&dispatch->rules->receivers, name) : NULL;
    if (receiver) {
        char *copied = span_text(key);
        bundle = copied ? bundle_new(receiver, is_managers != 0, copied, is_group != 0) : NULL;
        free(copied);
        is_good = bundle != NULL;
    }
    if (bundle) {
        bundle->labels = labels;
        labels = (struct labels){0};
        bundle->due_us = head.due_us;
        bundle->flushed_us = head.flushed_us;
        bundle->repeat_us = head.repeat_us;
        bundle->repeats = (unsigned)repeats;
        bundle->superseded = superseded;
        is_good = dispatch_add_bundle(dispatch, bundle);
    }
    for (uint32_t i = 0; is_good && i < count; i++)
        is_good = restore_post(dispatch, bundle, reader);
    labels_fini(&labels);
    return is_good;
}

/* What had ended, and waited for receivers that are all gone. */
static void forget_homeless(struct dispatch *dispatch)
{
    for (size_t i = dispatch->actives.count; i-- > 0;) {
        struct active *active = dispatch->actives.items[i];
        if (!active->notice.is_firing && active->bundle_count == 0)
            actives_remove(&dispatch->actives, active);
        else
            dispatch->ended_count += !active->notice.is_firing;
    }
}

bool dispatch_restore(struct dispatch *dispatch, struct wire_reader *reader)
{
    uint32_t count;
    if (!wire_read_uint(reader, &dispatch->now_us) || !actives_restore(&dispatch->actives, reader) ||
        !wire_read_array(reader, &count))
        return false;
    for (size_t i = 0; i < dispatch->actives.count; i++) {
        struct active *active = dispatch->actives.items[i];
        active->is_source = inhibit_has_source(&dispatch->rules->inhibit_rules, &active->notice.labels);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!restore_bundle(dispatch, reader))
            return false;
    }
    forget_homeless(dispatch);
    return true;
}

/* --- after a restart --- */

static bool names(const struct rule *rule, const struct receiver *receiver)
{
    for (size_t i = 0; i < rule->receiver_count; i++) {
        if (span_is(rule->receivers[i], receiver->name))
            return true;
    }
    return false;
}

void dispatch_confirm(struct dispatch *dispatch, const struct alert *alert, uint64_t wall_us)
{
    struct notice notice;
    dispatch->wall_us = wall_us;
    bool is_good = notice_make(&notice, alert);
    struct active *active = is_good ? actives_find(&dispatch->actives, notice.fingerprint) : NULL;
    notice_fini(&notice);
    if (!is_good) {
        dispatch->is_short_of_memory = true;
    } else if (!active || !active->notice.is_firing) {
        dispatch_alert(dispatch, alert, wall_us);
    } else {
        for (size_t i = 0; i < active->bundle_count; i++)
            bundle_find(active->bundles[i], active)->is_unwanted = !names(alert->rule, active->bundles[i]->receiver);
        dispatch_begin(dispatch, active, alert->rule);
    }
}

static const struct rule *find_rule(const struct dispatch *dispatch, const char *name)
{
    for (size_t i = 0; i < dispatch->rules->rules.count; i++) {
        if (strcmp(dispatch->rules->rules.items[i].name, name) == 0)
            return &dispatch->rules->rules.items[i];
    }
    return NULL;
}

void dispatch_end_unknown(struct dispatch *dispatch, uint64_t wall_us)
{
    dispatch->wall_us = wall_us;
    for (size_t i = dispatch->actives.count; i-- > 0;) {
        struct active *active = dispatch->actives.items[i];
        if (active->is_confirmed || !active->notice.is_firing)
            continue;
        const struct rule *rule = find_rule(dispatch, active->rule);
        uint64_t starts_us = active->notice.starts_us;
        active->notice.is_firing = false;
        active->notice.ends_us = dispatch->now_us > starts_us ? dispatch->now_us : starts_us;
        dispatch->ended_count++;
        if (rule)
            dispatch_tell_alert(dispatch, active, rule, 0);
        dispatch_end(dispatch, active);
    }
    dispatch_flush_ready(dispatch);
}
