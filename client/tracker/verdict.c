#include "client/tracker/verdict.h"

static const struct {
    enum item_kind kind;
    const char *subject;
} judged[] = {{ITEM_STATUS, "status"}, {ITEM_MEMORY, "memory"}, {ITEM_SOURCE, "source"}};

#define JUDGED_COUNT (sizeof judged / sizeof *judged)

const char *verdict_subject(enum item_kind kind)
{
    for (size_t i = 0; i < JUDGED_COUNT; i++) {
        if (judged[i].kind == kind)
            return judged[i].subject;
    }
    return "";
}

enum item_kind verdict_kind(struct span subject)
{
    for (size_t i = 0; i < JUDGED_COUNT; i++) {
        if (span_is(subject, judged[i].subject))
            return judged[i].kind;
    }
    return ITEM_KIND_COUNT;
}

bool verdict_is_bad(const struct state_view *view, const struct item *item)
{
    if (item->is_over)
        return false;
    switch (item->kind) {
    case ITEM_STATUS:
        return item->as.status.status <= 0;
    case ITEM_MEMORY:
        return item->as.memory.is_over;
    case ITEM_SOURCE:
        return tracker_is_silent(view->tracker, item, view->now_us, view->stale_us);
    default:
        return false;
    }
}

/* The item behind this one: of its list, else the first of the next list that has one. */
static struct item *next_of(const struct items *items, struct item *item)
{
    size_t kind = 0;
    unsigned is_over = 0;
    if (item) {
        struct item *next = items_next(items, item->kind, item->is_over, item);
        if (next)
            return next;
        while (judged[kind].kind != item->kind)
            kind++;
        is_over = item->is_over + 1U;
    }
    for (; kind < JUDGED_COUNT; kind++, is_over = 0) {
        for (; is_over < 2; is_over++) {
            struct item *first = items_next(items, judged[kind].kind, is_over == 1, NULL);
            if (first)
                return first;
        }
    }
    return NULL;
}

/* Without --stale nobody asks for silence: what was told of it stands. */
static bool is_untold(const struct state_view *view, const struct item *item)
{
    if (item->kind == ITEM_SOURCE && view->stale_us == 0)
        return false;
    return item->is_told_bad != verdict_is_bad(view, item);
}

struct item *verdict_next_untold(const struct state_view *view, struct item *item)
{
    do
        item = next_of(view->tracker->items, item);
    while (item && !is_untold(view, item));
    return item;
}

static void put(struct text *out, struct span text)
{
    text_put(out, text.data, text.len);
}

void verdict_write_summary(struct text *out, const struct item *item, bool is_bad)
{
    put(out, item->source);
    switch (item->kind) {
    case ITEM_STATUS:
        text_put_char(out, ' ');
        put(out, item->name);
        text_put_char(out, '/');
        put(out, item->part);
        text_printf(out, " is %s (%lld)", is_bad ? "not ready" : "ready", (long long)item->as.status.status);
        text_put_str(out, item->text.len > 0 ? ": " : "");
        put(out, item->text);
        return;
    case ITEM_MEMORY:
        text_put_str(out, span_is(item->name, "pkg") ? ": private memory of process " : ": shared memory");
        put(out, item->part);
        text_printf(out, " is %s its threshold: %lld %% of %lld %%", is_bad ? "above" : "not above",
                    (long long)item->as.memory.usage_percent, (long long)item->as.memory.threshold_percent);
        return;
    default:
        text_put_str(out, is_bad ? " is silent" : " is not silent any more");
    }
}
