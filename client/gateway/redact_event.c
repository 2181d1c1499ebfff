#include "client/gateway/redact_event.h"

#include "proto/error.h"
#include "proto/event.h"
#include "proto/wire.h"

static void put_member(struct text *out, const char *key, struct span value)
{
    if (!value.data)
        return;
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, value);
}

/* The event with another summary and snapshot. */
static void put_event(struct text *out, const struct event *event, struct span summary, struct span snapshot)
{
    unsigned count = 5U + (event->time.data != NULL) + (event->cause.data != NULL) + (snapshot.data != NULL);
    wire_write_map(out, count);
    put_member(out, "time", event->time);
    put_member(out, "level", span_of_str(level_word(event->level)));
    put_member(out, "category", event->category);
    put_member(out, "type", event->type);
    put_member(out, "sourceId", event->source_id);
    put_member(out, "summary", summary);
    put_member(out, "cause", event->cause);
    if (snapshot.data) {
        wire_write_str(out, span_of_str("snapshot"));
        text_put(out, snapshot.data, snapshot.len);
    }
}

/* A redacted text can be longer than what it stood for: not longer than is allowed. */
static struct span cut_summary(struct span summary)
{
    size_t len = summary.len < TOCSIN_SUMMARY_MAX ? summary.len : TOCSIN_SUMMARY_MAX;
    while (len > 0 && len < summary.len && (summary.data[len] & 0xc0) == 0x80)
        len--;
    return span_of(summary.data, len);
}

int redact_event(const struct redact *redact, struct counts *counts, struct tocsin_event **event,
                 struct tocsin_event *spare, struct text *members, struct text *scratch)
{
    struct span bytes;
    int error = tocsin_event_encode(*event, &bytes.data, &bytes.len);
    struct event view;
    if (error || !event_view(bytes, &view))
        return error;
    text_clear(scratch);
    size_t count = redact_text(redact, view.summary, scratch);
    size_t summary_len = scratch->len;
    if (view.snapshot.data)
        count += redact_value(redact, view.snapshot, scratch);
    if (scratch->failed)
        return TOCSIN_E_NOMEM;
    if (count == 0)
        return TOCSIN_OK;
    struct span summary = cut_summary(span_of(scratch->data, summary_len));
    struct span snapshot = span_of(view.snapshot.data ? scratch->data + summary_len : NULL, scratch->len - summary_len);
    text_clear(members);
    put_event(members, &view, summary, snapshot);
    if (members->failed)
        return TOCSIN_E_NOMEM;
    counts_add(counts, COUNT_REDACTED, count);
    *event = spare;
    return tocsin_event_from_msgpack(spare, members->data, members->len);
}
