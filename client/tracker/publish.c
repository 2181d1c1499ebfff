#include "client/tracker/publish.h"

#include <stdio.h>

#include "client/complain.h"
#include "proto/utf8.h"

#define CATEGORY "StatusEvent"
#define TYPE     "StatusChanged"

#define SUMMARY_MAX 1024

/* Copies text that may stand in a sourceId or a summary: control characters become blanks, and it is cut to `size` - 1
 * bytes behind a whole character. */
static void copy_clean(char *out, size_t size, struct span text)
{
    const uint8_t *at = text.data, *end = span_end(text);
    size_t len = 0;
    while (at < end) {
        uint32_t character;
        unsigned used = utf8_decode(at, end, &character);
        if (used == 0 || len + used >= size)
            break;
        bool is_control = character < 0x20 || (character >= 0x7f && character < 0xa0);
        if (is_control)
            out[len++] = ' ';
        else
            memcpy(out + len, at, used);
        len += is_control ? 0 : used;
        at += used;
    }
    out[len] = '\0';
}

/* SERVER/group/identifier, SERVER/memory/shm, SERVER/memory/pkg/PID, or the source: a topic for each thing. */
static void write_source_id(struct text *out, const struct item *item)
{
    text_clear(out);
    text_put(out, item->source.data, item->source.len);
    if (item->kind == ITEM_MEMORY)
        text_put_str(out, "/memory");
    if (item->kind == ITEM_SOURCE)
        return;
    text_put_char(out, '/');
    text_put(out, item->name.data, item->name.len);
    if (item->part.len == 0)
        return;
    text_put_char(out, '/');
    text_put(out, item->part.data, item->part.len);
}

static void put_str(struct tocsin_event *event, const char *key, struct span value)
{
    tocsin_event_key(event, key);
    tocsin_event_strn(event, (const char *)value.data, value.len);
}

static void put_int(struct tocsin_event *event, const char *key, int64_t value)
{
    tocsin_event_key(event, key);
    tocsin_event_int(event, value);
}

/* What is told of each kind besides its key. */
static void put_rest(struct tocsin_event *event, const struct item *item)
{
    if (item->kind == ITEM_STATUS) {
        put_int(event, "status", item->as.status.status);
        put_str(event, "details", item->text.data ? item->text : span_of_str(""));
    } else if (item->kind == ITEM_MEMORY) {
        put_int(event, "usage", item->as.memory.usage_percent);
        put_int(event, "threshold", item->as.memory.threshold_percent);
    } else {
        put_int(event, "lastSeenUs", (int64_t)item->received_us);
        put_str(event, "lastType", item->text.data ? item->text : span_of_str(""));
    }
}

int publish_compose(struct tocsin_event *event, struct text *scratch, const struct item *item, bool is_bad)
{
    char source_id[TOCSIN_SOURCE_ID_MAX + 1], summary[SUMMARY_MAX];
    write_source_id(scratch, item);
    copy_clean(source_id, sizeof source_id, text_span(scratch));
    text_clear(scratch);
    verdict_write_summary(scratch, item, is_bad);
    copy_clean(summary, sizeof summary, text_span(scratch));
    if (scratch->failed)
        return TOCSIN_E_NOMEM;
    enum tocsin_level level = !is_bad                     ? TOCSIN_LEVEL_INFO
                              : item->kind == ITEM_STATUS ? TOCSIN_LEVEL_ERROR
                                                          : TOCSIN_LEVEL_WARNING;
    tocsin_event_set(event, level, CATEGORY, TYPE, source_id, summary);
    tocsin_event_set_time_now(event);
    tocsin_event_map_begin(event, 7);
    put_str(event, "subject", span_of_str(verdict_subject(item->kind)));
    put_str(event, "source", item->source);
    put_str(event, "name", item->name);
    put_str(event, "part", item->part);
    tocsin_event_key(event, "ok");
    tocsin_event_bool(event, !is_bad);
    put_rest(event, item);
    return tocsin_event_encode(event, NULL, NULL);
}

int publish_open(struct publish *publish)
{
    publish->settings.is_acknowledged = true;
    publish->event = tocsin_event_new();
    int error = publish->event ? pub_door_open(&publish->door, &publish->settings) : TOCSIN_E_NOMEM;
    publish->is_open = error == TOCSIN_OK;
    return error;
}

void publish_changes(struct publish *publish, const struct state_view *view)
{
    for (struct item *item = NULL; (item = verdict_next_untold(view, item)) != NULL;) {
        bool is_bad = verdict_is_bad(view, item);
        int error = publish_compose(publish->event, &publish->summary, item, is_bad);
        if (!error)
            error = pub_door_send(&publish->door, publish->event);
        if (error && !publish->has_failed)
            complain("--publish: %s", tocsin_error_text(error));
        publish->has_failed = error != TOCSIN_OK;
        if (error && error != TOCSIN_E_REFUSED)
            return;
        item->is_told_bad = is_bad; /* what is no event today is none tomorrow either */
    }
}

void publish_close(struct publish *publish)
{
    uint64_t unsent = 0;
    if (publish->is_open)
        pub_door_close(&publish->door, &unsent);
    if (unsent > 0)
        complain("--publish: %llu events were not acknowledged; the next run tells what is still so",
                 (unsigned long long)unsent);
    tocsin_event_free(&publish->event);
    text_fini(&publish->summary);
}
