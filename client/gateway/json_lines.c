#include "client/gateway/json_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHERE_MAX 512

/* A line that holds something. */
static int take_line(struct json_lines *lines, struct span line, const char *name)
{
    struct gateway *gateway = lines->gateway;
    char where[WHERE_MAX], fault[128];
    snprintf(where, sizeof where, "%.400s:%" PRIu64, name, lines->line);
    if (lines->put)
        return lines->put(lines->context, line, where);
    int error = tocsin_event_from_json(gateway->event, (const char *)line.data, line.len, fault, sizeof fault);
    if (error == TOCSIN_E_SYNTAX) {
        counts_complain(&gateway->counts, COUNT_REFUSED_SYNTAX, 1, "%s:%s", where, fault);
        return TOCSIN_OK;
    }
    return sink_put(&gateway->sink, gateway->event, where, NULL); /* which tells any other error */
}

static struct span trim(struct span line)
{
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]))
        line.len--;
    while (line.len > 0 && strchr(" \t\r", line.data[0])) {
        line.data++;
        line.len--;
    }
    return line;
}

static void refuse_long(struct json_lines *lines, const char *name)
{
    counts_complain(&lines->gateway->counts, COUNT_REFUSED_LENGTH, 1, "%s:%" PRIu64 ": a line of more than %zu bytes",
                    name, lines->line, lines->gateway->max_message_bytes);
}

/* One whole line without its LF. False when the sink is full: it is still to be taken. */
static bool take_whole(struct json_lines *lines, struct span line, const char *name)
{
    bool was_skipping = lines->is_skipping;
    lines->is_skipping = false;
    if (was_skipping)
        return true;
    line = trim(line);
    lines->line++;
    if (line.len == 0)
        return true;
    if (line.len > lines->gateway->max_message_bytes)
        refuse_long(lines, name);
    else if (take_line(lines, line, name) == TOCSIN_E_FULL) {
        lines->line--;
        return false;
    }
    counts_add(&lines->gateway->counts, COUNT_RECEIVED, 1);
    return true;
}

/* What has no LF yet; the bytes of a line that is too long are done with. */
static size_t take_part(struct json_lines *lines, size_t len, const char *name)
{
    if (!lines->is_skipping && len <= lines->gateway->max_message_bytes)
        return 0;
    if (!lines->is_skipping) {
        lines->line++;
        counts_add(&lines->gateway->counts, COUNT_RECEIVED, 1);
        refuse_long(lines, name);
    }
    lines->is_skipping = true;
    return len;
}

size_t json_lines_take(struct json_lines *lines, struct span bytes, bool is_end, const char *name, bool *is_full)
{
    const uint8_t *at = bytes.data, *end = span_end(bytes);
    while (at < end) {
        const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));
        if (!lf && !is_end)
            return (size_t)(at - bytes.data) + take_part(lines, (size_t)(end - at), name);
        struct span line = span_of(at, (size_t)((lf ? lf : end) - at));
        *is_full = !take_whole(lines, line, name);
        if (*is_full)
            break;
        at = lf ? lf + 1 : end;
    }
    return (size_t)(at - bytes.data);
}
