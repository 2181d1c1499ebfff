#include "client/tracker/check.h"

#include "client/escape.h"

/* How many are named before "and N more". */
#define NAMED_MAX 5

struct finding {
    struct text text;
    size_t critical;
    size_t warning;
};

/* Text for one line of a plugin: '|' would begin the perfdata. */
static void put(struct text *out, struct span text)
{
    size_t begin = out->len;
    escape_text(out, text);
    for (size_t i = begin; i < out->len && !out->failed; i++) {
        if (out->data[i] == '|')
            out->data[i] = '/';
    }
}

/* Begins a finding; false where enough are named. */
static bool begin(struct finding *finding, bool is_critical)
{
    size_t before = finding->critical + finding->warning;
    finding->critical += is_critical;
    finding->warning += !is_critical;
    if (before >= NAMED_MAX)
        return false;
    if (before > 0)
        text_put_str(&finding->text, "; ");
    return true;
}

static void look_at_status(struct finding *finding, const struct item *item)
{
    const struct item_status *status = &item->as.status;
    if (status->status > 0 || !begin(finding, !status->is_from_before))
        return;
    put(&finding->text, item->source);
    text_put_char(&finding->text, ' ');
    put(&finding->text, item->name);
    text_put_char(&finding->text, '/');
    put(&finding->text, item->part);
    text_printf(&finding->text, " %s (%lld%s", status->is_from_before ? "was not ready" : "not ready",
                (long long)status->status, item->text.len > 0 ? ", " : "");
    put(&finding->text, item->text);
    text_put_str(&finding->text, status->is_from_before ? ", before the last start)" : ")");
}

static void look_at_memory(struct finding *finding, const struct item *item)
{
    if (!item->as.memory.is_over || !begin(finding, false))
        return;
    put(&finding->text, item->source);
    text_put_char(&finding->text, ' ');
    put(&finding->text, item->name);
    text_printf(&finding->text, " memory at %lld %%", (long long)item->as.memory.usage_percent);
}

static void look_at_source(struct finding *finding, const struct state_view *view, const struct item *item,
                           size_t *silent)
{
    if (!tracker_is_silent(view->tracker, item, view->now_us, view->stale_us))
        return;
    ++*silent;
    if (!begin(finding, false))
        return;
    put(&finding->text, item->source);
    text_printf(&finding->text, " silent for %llu s",
                (unsigned long long)((view->now_us - item->received_us) / 1000000));
}

static void put_perfdata(struct text *out, const struct state_view *view, size_t not_ready, size_t silent)
{
    const struct items *items = view->tracker->items;
    size_t identifiers = items_count(items, ITEM_STATUS, false), sources = items_count(items, ITEM_SOURCE, false);
    text_printf(out, " | not_ready=%zu;;0;0;%zu", not_ready, identifiers);
    if (view->stale_us > 0)
        text_printf(out, " silent=%zu;0;;0;%zu", silent, sources);
    text_printf(out, " sources=%zu streams=%zu recordings=%zu pushes=%zu\n", sources,
                items_count(items, ITEM_STREAM, false), items_count(items, ITEM_RECORDING, false),
                items_count(items, ITEM_PUSH, false));
}

enum check_code check_write(struct text *out, const struct state_view *view)
{
    const struct items *items = view->tracker->items;
    struct finding finding = {0};
    size_t silent = 0, not_ready = 0;
    if (items_count(items, ITEM_SOURCE, false) + items_count(items, ITEM_SOURCE, true) == 0) {
        check_write_unknown(out, "nothing was ever heard of these topics");
        return CHECK_UNKNOWN;
    }
    for (struct item *item = NULL; (item = items_next(items, ITEM_STATUS, false, item)) != NULL;) {
        not_ready += item->as.status.status <= 0;
        look_at_status(&finding, item);
    }
    for (struct item *item = NULL; (item = items_next(items, ITEM_MEMORY, false, item)) != NULL;)
        look_at_memory(&finding, item);
    for (struct item *item = NULL; (item = items_next(items, ITEM_SOURCE, false, item)) != NULL;)
        look_at_source(&finding, view, item, &silent);
    enum check_code code = finding.critical > 0 ? CHECK_CRITICAL : finding.warning > 0 ? CHECK_WARNING : CHECK_OK;
    text_put_str(out, code == CHECK_CRITICAL  ? "TOCSIN CRITICAL - "
                      : code == CHECK_WARNING ? "TOCSIN WARNING - "
                                              : "TOCSIN OK - ");
    size_t found = finding.critical + finding.warning;
    if (found == 0)
        text_printf(out, "%zu identifiers ready", items_count(items, ITEM_STATUS, false));
    text_put(out, finding.text.data, finding.text.len);
    if (found > NAMED_MAX)
        text_printf(out, "; and %zu more", found - NAMED_MAX);
    put_perfdata(out, view, not_ready, silent);
    out->failed |= finding.text.failed;
    text_fini(&finding.text);
    return code;
}

void check_write_unknown(struct text *out, const char *reason)
{
    text_put_str(out, "TOCSIN UNKNOWN - ");
    put(out, span_of_str(reason));
    text_put_char(out, '\n');
}
