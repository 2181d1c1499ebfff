#include "client/gateway/ome_line.h"

#include <stdio.h>

#include "client/gateway/ome_open.h"
#include "client/gateway/ome_secret.h"
#include "client/gateway/ome_text.h"
#include "client/gateway/value.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

/* A few more than an event may have, so that the judge has the word on what is deeper. */
#define DEPTH_MAX (TOCSIN_DEPTH_MAX + 8)

/* The keys of an event, in the order of PROTOCOL.md. */
static const char *const event_keys[] = {"time",     "level",   "category", "type",
                                         "sourceId", "summary", "cause",    "snapshot"};
#define KEY_COUNT (sizeof event_keys / sizeof *event_keys)
#define SNAPSHOT  (KEY_COUNT - 1)

struct members {
    struct span values[KEY_COUNT]; /* data NULL: absent */
    struct text extra;             /* pairs that are none of these */
    uint32_t extra_count;
};

void ome_line_init(struct ome_line *line, bool hides_secrets)
{
    *line = (struct ome_line){.hides_secrets = hides_secrets};
    text_init(&line->value);
}

void ome_line_fini(struct ome_line *line)
{
    text_fini(&line->value);
}

static size_t key_index(struct span key)
{
    size_t i = 0;
    while (i < KEY_COUNT && !span_is(key, event_keys[i]))
        i++;
    return i;
}

static void sort_members(struct members *members, struct span value)
{
    struct wire_reader reader = wire_reader_of(value);
    uint32_t count = 0;
    wire_read_map(&reader, &count);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *pair = reader.at;
        struct span key = {NULL, 0};
        wire_read_str(&reader, &key);
        const uint8_t *start = reader.at;
        wire_skip(&reader);
        size_t index = key_index(key);
        if (index < KEY_COUNT) {
            members->values[index] = span_of(start, (size_t)(reader.at - start));
            continue;
        }
        text_put(&members->extra, pair, (size_t)(reader.at - pair));
        members->extra_count++;
    }
}

/* A text that the rules of an event bind; anything else as it stands, for the judge. */
static void put_text(struct text *out, struct span value, size_t max)
{
    struct span string = value_str(value);
    struct text line;
    if (!string.data) {
        text_put(out, value.data, value.len);
        return;
    }
    text_init(&line);
    ome_text_put_line(&line, string, max);
    wire_write_str(out, text_span(&line));
    out->failed |= line.failed;
    text_fini(&line);
}

static void put_summary(struct ome_line *line, struct text *out, struct span value)
{
    struct span string = value_str(value);
    struct text hidden;
    struct text whole;
    text_init(&hidden);
    text_init(&whole);
    if (line->hides_secrets && string.data) {
        line->hidden += ome_secret_hide(&hidden, string);
        wire_write_str(&whole, text_span(&hidden));
        value = text_span(&whole);
    }
    put_text(out, value, TOCSIN_SUMMARY_MAX);
    out->failed |= hidden.failed || whole.failed;
    text_fini(&hidden);
    text_fini(&whole);
}

/* The snapshot with the members that have no other place. */
static void put_snapshot(struct text *out, struct span snapshot, const struct members *members)
{
    struct wire_reader reader = wire_reader_of(snapshot);
    uint32_t count = 0;
    bool is_map = !snapshot.data || wire_read_map(&reader, &count);
    if (members->extra_count == 0 || !is_map) {
        ome_text_put_clean(out, snapshot);
        return;
    }
    wire_write_map(out, count + 1);
    if (snapshot.data)
        ome_text_put_clean(out, span_of(reader.at, (size_t)(reader.end - reader.at)));
    wire_write_str(out, span_of_str("extra"));
    wire_write_map(out, members->extra_count);
    ome_text_put_clean(out, text_span(&members->extra));
}

static void put_member(struct ome_line *line, struct text *out, size_t index, const struct members *members)
{
    const char *key = event_keys[index];
    struct span value = members->values[index];
    wire_write_str(out, span_of_str(key));
    if (index == SNAPSHOT)
        put_snapshot(out, value, members);
    else if (strcmp(key, "sourceId") == 0)
        put_text(out, value, SIZE_MAX); /* two long names cut to one would be worse than a refusal */
    else if (strcmp(key, "summary") == 0)
        put_summary(line, out, value);
    else
        text_put(out, value.data, value.len);
}

static void put_enterprise(struct ome_line *line, struct text *out, struct span value)
{
    struct members members = {.extra_count = 0};
    text_init(&members.extra);
    sort_members(&members, value);
    bool has_snapshot = members.values[SNAPSHOT].data || members.extra_count > 0;
    uint32_t count = has_snapshot ? 1 : 0;
    for (size_t i = 0; i < SNAPSHOT; i++)
        count += members.values[i].data ? 1 : 0;
    wire_write_map(out, count);
    for (size_t i = 0; i < SNAPSHOT; i++) {
        if (members.values[i].data)
            put_member(line, out, i, &members);
    }
    if (has_snapshot)
        put_member(line, out, SNAPSHOT, &members);
    out->failed |= members.extra.failed;
    text_fini(&members.extra);
}

static int refuse(struct ome_line *line, const char *reason)
{
    snprintf(line->reason, sizeof line->reason, "%s", reason);
    return TOCSIN_E_SYNTAX;
}

static int put_event(struct ome_line *line, struct text *out)
{
    struct span value = text_span(&line->value);
    if (value_member(value, "eventVersion").data) {
        const char *reason = ome_open_put(out, value);
        return reason ? refuse(line, reason) : TOCSIN_OK;
    }
    if (!value_member(value, "category").data)
        return refuse(line, "neither category nor eventVersion is in it");
    put_enterprise(line, out, value);
    return TOCSIN_OK;
}

int ome_line_read(struct ome_line *line, struct span json, struct text *out)
{
    struct json_fault fault = {0, ""};
    size_t before = out->len;
    line->reason[0] = '\0';
    text_clear(&line->value);
    int error = json_read_value(json, DEPTH_MAX, &line->value, &fault);
    line->is_json = !error;
    if (error == TOCSIN_E_SYNTAX)
        snprintf(line->reason, sizeof line->reason, "byte %zu: %s", fault.offset + 1, fault.reason);
    if (!error)
        error = put_event(line, out);
    if (!error && out->failed)
        error = TOCSIN_E_NOMEM;
    if (error)
        out->len = before;
    return error;
}

size_t ome_line_restart(struct span json)
{
    static const char *const heads[] = {"{\"time\":\"", "{\"data\":{"};
    size_t found = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t len = strlen(heads[i]);
        for (size_t at = json.len; at > len; at--) {
            if (memcmp(json.data + at - len, heads[i], len) == 0) {
                found = at - len > found ? at - len : found;
                break;
            }
        }
    }
    return found;
}
