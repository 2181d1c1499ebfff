/* OpenSIPS's core events. Its status reports are counted as it counts them: an identifier of a group has a number,
 * positive is ready; a change without details takes the old ones away; names are compared without regard to case.
 *
 * A server that is started anew says nothing of what its identifiers begin with, and raises no event at its end. The one
 * sign is core/main that becomes positive from a negative number: what was heard before is marked so. */
#include <stdio.h>

#include "client/tracker/effect.h"
#include "client/tracker/param.h"
#include "proto/text.h"

#define IDENTIFIER_DEFAULT "main"

/* Without "/name/part" at its end where it has it; else, since long ones are cut, what is before the first '/'. */
static struct span without_tail(struct span source_id, struct span name, struct span part)
{
    size_t tail = name.len + part.len + 2;
    if (source_id.len > tail) {
        const uint8_t *at = source_id.data + source_id.len - tail;
        if (at[0] == '/' && span_equals(span_of(at + 1, name.len), name) && at[1 + name.len] == '/' &&
            span_equals(span_of(at + 2 + name.len, part.len), part))
            return span_of(source_id.data, source_id.len - tail);
    }
    const uint8_t *slash = memchr(source_id.data, '/', source_id.len);
    return slash && slash > source_id.data ? span_of(source_id.data, (size_t)(slash - source_id.data)) : source_id;
}

struct span effect_server(struct span source_id, struct span type, struct span snapshot)
{
    bool is_status = span_is(type, "E_CORE_SR_STATUS_CHANGED");
    struct span name = span_of_str(""), part = span_of_str("");
    param_str(snapshot, is_status ? "group" : "group_type", &name);
    param_str(snapshot, is_status ? "identifier" : "group_filter", &part);
    return without_tail(source_id, name, part);
}

/* --- status reports --- */

static void on_start(const struct effect *effect, const struct item *core)
{
    struct items *items = effect->tracker->items;
    bool is_new;
    struct item *node = effect_obtain(effect, ITEM_NODE, effect->source, span_of_str(""), span_of_str(""), &is_new);
    if (node) {
        node->since_us = node->begun_us = effect->time_us;
        effect_hear(effect, node, false);
    }
    for (struct item *item = NULL; (item = items_next(items, ITEM_STATUS, false, item)) != NULL;)
        item->as.status.is_from_before |= item != core && span_equals(item->source, effect->source);
    static const enum item_kind kinds[] = {ITEM_SCALE, ITEM_MEMORY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (struct item *item = items_next(items, kinds[i], false, NULL), *next; item; item = next) {
            next = items_next(items, kinds[i], false, item);
            if (span_equals(item->source, effect->source)) {
                item->state = ITEM_STATE_STOPPED;
                items_touch(items, item, true);
            }
        }
    }
}

static void report(const struct effect *effect, struct item *item)
{
    const struct item_status *status = &item->as.status;
    struct text text;
    text_init(&text);
    text_put_str(&text, "status changed");
    if (status->has_old)
        text_printf(&text, " from %lld", (long long)status->old_status);
    text_printf(&text, " to %lld", (long long)status->status);
    if (item->text.data) {
        text_put_str(&text, ": ");
        text_put(&text, item->text.data, item->text.len);
    }
    if (text.failed || !items_add_report(effect->tracker->items, item, effect->time_us, text_span(&text)))
        effect->tracker->is_short_of_memory = true;
    text_fini(&text);
}

bool effect_status(const struct effect *effect)
{
    struct span group, identifier = span_of_str(IDENTIFIER_DEFAULT), details = {0};
    int64_t number, old = 0;
    bool has_identifier = param_str(effect->snapshot, "identifier", &identifier);
    if (!param_str(effect->snapshot, "group", &group) || group.len == 0 || identifier.len == 0 ||
        (!has_identifier && param_has(effect->snapshot, "identifier")) ||
        !param_int(effect->snapshot, "status", &number))
        return false;
    bool has_old = param_int(effect->snapshot, "old_status", &old);
    param_str(effect->snapshot, "details", &details);
    bool is_new;
    struct item *item = effect_obtain(effect, ITEM_STATUS, effect->source, group, identifier, &is_new);
    if (!item)
        return true;
    struct item_status *status = &item->as.status;
    if (!is_new && !status->is_from_before && has_old && old != status->status)
        status->missed++;
    if (is_new)
        item->begun_us = effect->time_us;
    status->has_old = has_old || !is_new;
    status->old_status = has_old ? old : status->status;
    status->status = number;
    status->is_from_before = false;
    item->since_us = effect->time_us;
    effect_set_text(effect, item, details);
    effect_hear(effect, item, false);
    report(effect, item);
    struct items_key core = {ITEM_STATUS, effect->source, span_of_str("core"), span_of_str("main")};
    if (number > 0 && has_old && old < 0 && items_find(effect->tracker->items, &core) == item)
        on_start(effect, item);
    return true;
}

/* --- processes and memory --- */

bool effect_scale(const struct effect *effect)
{
    struct span type, filter = span_of_str("none"), scale;
    bool is_new;
    if (!param_str(effect->snapshot, "group_type", &type) || !param_str(effect->snapshot, "scale", &scale) ||
        (!span_is(scale, "up") && !span_is(scale, "down")))
        return false;
    param_str(effect->snapshot, "group_filter", &filter);
    struct item *item = effect_obtain(effect, ITEM_SCALE, effect->source, type, filter, &is_new);
    if (!item)
        return true;
    struct item_scale *group = &item->as.scale;
    if (is_new || item->is_over) {
        *group = (struct item_scale){0};
        item->begun_us = effect->time_us;
    }
    group->is_up = span_is(scale, "up");
    group->up += group->is_up;
    group->down += !group->is_up;
    param_int(effect->snapshot, "group_load", &group->load_percent);
    param_int(effect->snapshot, "process_id", &group->process_id);
    param_int(effect->snapshot, "pid", &group->pid);
    item->state = effect->state;
    item->since_us = effect->time_us;
    effect_hear(effect, item, false);
    return true;
}

bool effect_memory(const struct effect *effect)
{
    struct item_memory memory = {0};
    int64_t pid = 0;
    char digits[24] = "";
    bool is_pkg = span_is(effect->type, "E_CORE_PKG_THRESHOLD"), is_new;
    if (!param_int(effect->snapshot, "usage", &memory.usage_percent) ||
        !param_int(effect->snapshot, "threshold", &memory.threshold_percent) ||
        (is_pkg && !param_int(effect->snapshot, "pid", &pid)))
        return false;
    param_int(effect->snapshot, "used", &memory.used_bytes);
    param_int(effect->snapshot, "size", &memory.size_bytes);
    memory.is_over = memory.usage_percent >= memory.threshold_percent;
    if (is_pkg)
        snprintf(digits, sizeof digits, "%lld", (long long)pid);
    struct item *item = effect_obtain(effect, ITEM_MEMORY, effect->source, span_of_str(is_pkg ? "pkg" : "shm"),
                                      span_of_str(digits), &is_new);
    if (!item)
        return true;
    if (is_new || item->is_over)
        item->begun_us = effect->time_us;
    if (is_new || item->is_over || item->as.memory.is_over != memory.is_over)
        item->since_us = effect->time_us;
    item->as.memory = memory;
    item->state = effect->state;
    effect_hear(effect, item, false);
    return true;
}
