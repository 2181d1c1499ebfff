#include "client/gateway/json_split.h"

#include <string.h>

#define WHITE_SPACE " \t\r\n"

enum beginning { IS_NONE, IS_BEGINNING, IS_TOO_SHORT };

/* Steps over `word`; false at the first byte that differs, `*is_short` where the bytes end before. */
static bool step_over(const uint8_t **at, const uint8_t *end, const char *word, bool *is_short)
{
    for (; *word; word++, ++*at) {
        *is_short = *at == end;
        if (*is_short || **at != (uint8_t)*word)
            return false;
    }
    return true;
}

/* Whether a message of JSON-RPC begins at `at`, as OpenSIPS writes it. */
static enum beginning judge_beginning(const uint8_t *at, const uint8_t *end)
{
    bool is_short = false;
    const uint8_t *start = at;
    if (step_over(&at, end, "{\"jsonrpc\":\"2.0\"", &is_short))
        return IS_BEGINNING;
    if (is_short)
        return IS_TOO_SHORT;
    at = start;
    if (!step_over(&at, end, "{\"id\":", &is_short))
        return is_short ? IS_TOO_SHORT : IS_NONE;
    while (at < end && at - start < 32 && ((*at >= '0' && *at <= '9') || *at == '-'))
        at++;
    if (step_over(&at, end, ",\"jsonrpc\":\"2.0\"", &is_short))
        return IS_BEGINNING;
    return is_short ? IS_TOO_SHORT : IS_NONE;
}

static void restart(struct json_split *split)
{
    *split = (struct json_split){.max_bytes = split->max_bytes};
}

/* Passes over what belongs to no document, up to a beginning. Nothing is said of it: the break was told. */
static size_t pass_over(struct json_split *split, struct span bytes, bool is_end)
{
    const uint8_t *end = span_end(bytes), *at = bytes.data;
    for (; at < end; at++) {
        at = memchr(at, '{', (size_t)(end - at));
        if (!at)
            return bytes.len;
        enum beginning beginning = judge_beginning(at, end);
        if (beginning == IS_TOO_SHORT && !is_end)
            break;
        if (beginning == IS_BEGINNING) {
            restart(split);
            break;
        }
    }
    return (size_t)(at - bytes.data);
}

/* What a byte of a document means for where it ends. True: it ends here. */
static bool step(struct json_split *split, uint8_t byte)
{
    if (split->is_in_string) {
        if (split->is_escaped)
            split->is_escaped = false;
        else if (byte == '\\')
            split->is_escaped = true;
        else if (byte == '"')
            split->is_in_string = false;
        return false;
    }
    if (byte == '"')
        split->is_in_string = true;
    else if (byte == '{' || byte == '[')
        split->depth++;
    else if (byte == '}' || byte == ']')
        return --split->depth == 0;
    return false;
}

static enum json_split_found end_with(struct json_split *split, enum json_split_found what, struct span bytes,
                                      size_t len, struct span *found, size_t *taken)
{
    *found = span_of(bytes.data, len);
    *taken = len;
    restart(split);
    split->is_lost = what == JSON_SPLIT_LONG || what == JSON_SPLIT_GARBAGE;
    return what;
}

/* Goes on with the document that `bytes` begin with. */
static enum json_split_found scan(struct json_split *split, struct span bytes, bool is_end, struct span *found,
                                  size_t *taken)
{
    for (; split->scanned < bytes.len; split->scanned++) {
        const uint8_t *at = bytes.data + split->scanned;
        if (split->scanned >= split->max_bytes)
            return end_with(split, JSON_SPLIT_LONG, bytes, split->scanned, found, taken);
        enum beginning beginning = *at == '{' && split->scanned > 0 ? judge_beginning(at, span_end(bytes)) : IS_NONE;
        if (beginning == IS_TOO_SHORT && !is_end)
            return JSON_SPLIT_MORE;
        if (beginning == IS_BEGINNING)
            return end_with(split, JSON_SPLIT_CUT, bytes, split->scanned, found, taken);
        if (step(split, *at))
            return end_with(split, JSON_SPLIT_DOCUMENT, bytes, split->scanned + 1, found, taken);
    }
    return is_end ? end_with(split, JSON_SPLIT_CUT, bytes, bytes.len, found, taken) : JSON_SPLIT_MORE;
}

enum json_split_found json_split_next(struct json_split *split, struct span bytes, bool is_end, struct span *found,
                                      size_t *taken)
{
    size_t before = 0;
    *taken = 0;
    *found = span_of(NULL, 0);
    if (split->is_lost)
        before = pass_over(split, bytes, is_end);
    if (!split->is_lost && split->scanned == 0) {
        while (before < bytes.len && memchr(WHITE_SPACE, bytes.data[before], sizeof WHITE_SPACE - 1))
            before++;
    }
    bytes = span_of(bytes.data + before, bytes.len - before);
    enum json_split_found what = JSON_SPLIT_MORE;
    if (bytes.len > 0 && !split->is_lost && split->scanned == 0 && bytes.data[0] != '{')
        what = end_with(split, JSON_SPLIT_GARBAGE, bytes, 1, found, taken);
    else if (bytes.len > 0 && !split->is_lost)
        what = scan(split, bytes, is_end, found, taken);
    *taken += before;
    return what;
}
