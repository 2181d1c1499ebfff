#include "client/tracker/state_json.h"

#include <stdlib.h>

#include "client/tracker/sr.h"
#include "proto/json.h"
#include "proto/rfc3339.h"

static void put_time(struct text *out, const char *name, uint64_t time_us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, time_us);
    text_printf(out, ",\"%s\":\"%.*s\"", name, RFC3339_US_LEN, time);
}

static void put_text(struct text *out, const char *name, struct span text)
{
    text_printf(out, ",\"%s\":", name);
    json_write_string(out, text);
}

static void put_int(struct text *out, const char *name, int64_t value)
{
    text_printf(out, ",\"%s\":%lld", name, (long long)value);
}

static void put_scale(struct text *out, const struct item *item)
{
    const struct item_scale *scale = &item->as.scale;
    put_text(out, "group_type", item->name);
    put_text(out, "group_filter", item->part);
    text_printf(out, ",\"scale\":\"%s\"", scale->is_up ? "up" : "down");
    put_int(out, "load_percent", scale->load_percent);
    put_int(out, "process_id", scale->process_id);
    put_int(out, "pid", scale->pid);
    put_int(out, "forked", (int64_t)scale->up);
    put_int(out, "ended", (int64_t)scale->down);
}

static void put_memory(struct text *out, const struct item *item)
{
    const struct item_memory *memory = &item->as.memory;
    put_text(out, "memory", item->name);
    if (item->part.len > 0)
        text_printf(out, ",\"pid\":%.*s", (int)item->part.len, (const char *)item->part.data);
    text_printf(out, ",\"above\":%s", memory->is_over ? "true" : "false");
    put_int(out, "usage_percent", memory->usage_percent);
    put_int(out, "threshold_percent", memory->threshold_percent);
    put_int(out, "used_bytes", memory->used_bytes);
    put_int(out, "size_bytes", memory->size_bytes);
}

static void put_source(struct text *out, const struct state_view *view, const struct item *item)
{
    put_text(out, "type", item->text);
    put_time(out, "last_seen", item->received_us);
    if (view->stale_us > 0)
        text_printf(out, ",\"silent\":%s",
                    tracker_is_silent(view->tracker, item, view->now_us, view->stale_us) ? "true" : "false");
}

static void put_item(struct text *out, const struct state_view *view, const struct item *item)
{
    text_put_str(out, "{\"source\":");
    json_write_string(out, item->source);
    switch (item->kind) {
    case ITEM_SOURCE:
        put_source(out, view, item);
        break;
    case ITEM_NODE:
        put_time(out, "started", item->since_us);
        break;
    case ITEM_SCALE:
        put_scale(out, item);
        break;
    case ITEM_MEMORY:
        put_memory(out, item);
        break;
    default:
        if (item->name.len > 0)
            put_text(out, "id", item->name);
        text_printf(out, ",\"state\":\"%s\"", tracker_state_word(item->state));
        put_time(out, "begun", item->begun_us);
        put_text(out, "summary", item->text);
    }
    if (item->kind == ITEM_SCALE || item->kind == ITEM_MEMORY)
        text_printf(out, ",\"from_before_start\":%s", item->is_over ? "true" : "false");
    if (item->kind != ITEM_SOURCE && item->kind != ITEM_NODE)
        put_time(out, "since", item->since_us);
    put_int(out, "seq", (int64_t)item->seq);
    text_put_char(out, '}');
}

static int compare_names(const void *one, const void *other)
{
    const struct item *a = *(struct item *const *)one, *b = *(struct item *const *)other;
    size_t len = a->source.len < b->source.len ? a->source.len : b->source.len;
    int order = len > 0 ? memcmp(a->source.data, b->source.data, len) : 0;
    return order ? order : (a->source.len > b->source.len) - (a->source.len < b->source.len);
}

static bool put_kind(struct text *out, const struct state_view *view, enum item_kind kind)
{
    size_t count;
    struct item **list = items_list(view->tracker->items, kind, true, &count);
    if (!list && count > 0)
        return false;
    if (kind == ITEM_SOURCE && list) /* the order in which they are first heard of depends on where one begins */
        qsort(list, count, sizeof(struct item *), compare_names);
    text_printf(out, ",\"%s\":[", tracker_kind_member(kind));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_put_char(out, ',');
        put_item(out, view, list[i]);
    }
    text_put_char(out, ']');
    free(list);
    return true;
}

/* "opensips":[{"Source":…,"Groups":[…]}] */
static bool put_opensips(struct text *out, const struct state_view *view)
{
    struct sr_view sr;
    bool is_good = sr_view_init(&sr, view->tracker);
    sr_view_sort_by_server(&sr);
    text_put_str(out, ",\"opensips\":[");
    for (size_t i = 0; is_good && i < sr.group_count; i++) {
        bool is_first = i == 0 || !span_equals(sr.groups[i].source, sr.groups[i - 1].source);
        if (is_first) {
            text_put_str(out, i > 0 ? "]},{\"Source\":" : "{\"Source\":");
            json_write_string(out, sr.groups[i].source);
            text_put_str(out, ",\"Groups\":[");
        } else {
            text_put_char(out, ',');
        }
        sr_write_whole(out, &sr, &sr.groups[i], view->is_utc);
    }
    text_put_str(out, sr.group_count > 0 ? "]}]" : "]");
    sr_view_fini(&sr);
    return is_good;
}

bool state_json_write(struct text *out, const struct state_view *view)
{
    const struct tracker *tracker = view->tracker;
    text_printf(out, "{\"log_id\":\"%s\",\"first_seq\":%llu,\"seq\":%llu", view->log_id,
                (unsigned long long)tracker->first_seq, (unsigned long long)tracker->seq);
    put_time(out, "at", view->now_us);
    if (tracker->received_us > 0)
        put_time(out, "last_received", tracker->received_us);
    bool is_good = put_opensips(out, view);
    for (unsigned kind = 0; is_good && kind < ITEM_KIND_COUNT; kind++)
        is_good = kind == ITEM_STATUS || put_kind(out, view, (enum item_kind)kind);
    put_int(out, "malformed", (int64_t)tracker->malformed);
    put_int(out, "forgotten", (int64_t)items_forgotten(tracker->items));
    text_put_char(out, '}');
    return is_good && !out->failed;
}
