/* A line of the log: read forwards in one pass, literal by literal. Strings are stepped over with their escapes and
 * containers by their brackets, so that no content can pass for a key; what content means, json_read judges. */
#include "proto/json_read.h"

#include "proto/json_scan.h"
#include "proto/rfc3339.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define HASH_DIGITS   32
#define US_PER_SECOND UINT64_C(1000000)
#define HIGH_BITS     UINT64_C(0x8080808080808080) /* none of them in a word: all ASCII */

/* The brackets of a snapshot are kept one a bit. */
#define SNAPSHOT_DEPTH_MAX 64

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

enum key {
    KEY_TIME,
    KEY_LEVEL,
    KEY_CATEGORY,
    KEY_TYPE,
    KEY_SOURCE_ID,
    KEY_SUMMARY,
    KEY_CAUSE,
    KEY_SNAPSHOT,
    KEY_COUNT
};

_Static_assert(KEY_COUNT == LINE_PART_COUNT, "a part for each key");

static const char *const names[KEY_COUNT] = {"time",     "level",   "category", "type",
                                             "sourceId", "summary", "cause",    "snapshot"};

static inline bool take_bytes(struct cursor *cursor, const char *bytes, size_t len)
{
    if ((size_t)(cursor->end - cursor->at) < len || memcmp(cursor->at, bytes, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

#define TAKE(cursor, literal) take_bytes(cursor, "" literal, sizeof(literal) - 1)

static bool take_uint(struct cursor *cursor, uint64_t *value)
{
    const uint8_t *begin = cursor->at;
    uint64_t sum = 0;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        if (__builtin_mul_overflow(sum, 10U, &sum) || __builtin_add_overflow(sum, *cursor->at - (unsigned)'0', &sum))
            return false;
    }
    *value = sum;
    size_t count = (size_t)(cursor->at - begin);
    return count == 1 || (count > 1 && *begin != '0');
}

/* A string with its quotes. */
static inline bool take_string(struct cursor *cursor, struct span *string)
{
    const uint8_t *begin = cursor->at;
    if (begin == cursor->end || *begin != '"')
        return false;
    const uint8_t *stop = json_scan_string(begin + 1, cursor->end);
    if (stop == cursor->end || *stop != '"')
        return false;
    cursor->at = stop + 1;
    *string = span_of(begin, (size_t)(cursor->at - begin));
    return true;
}

/* A member's string. Where it is ASCII without escapes, what is between its quotes is its value: noted in `parts`. */
static inline bool take_text(struct cursor *cursor, struct line_parts *parts, enum key key)
{
    const uint8_t *begin = cursor->at;
    uint64_t seen = 0;
    if (begin == cursor->end || *begin != '"')
        return false;
    const uint8_t *stop = json_scan_seen(begin + 1, cursor->end, &seen);
    if (stop == cursor->end || *stop != '"')
        return take_string(cursor, &parts->values[key]);
    cursor->at = stop + 1;
    parts->values[key] = span_of(begin, (size_t)(cursor->at - begin));
    if ((seen & HIGH_BITS) == 0)
        parts->simple |= 1U << key;
    return true;
}

/* "received": only the form that rfc3339_write_us writes. */
static bool take_received(struct cursor *cursor, uint64_t *us)
{
    if (cursor->end - cursor->at < RFC3339_US_LEN)
        return false;
    struct span text = span_of(cursor->at, RFC3339_US_LEN);
    struct rfc3339 time;
    if (text.data[17] > '5' || text.data[19] != '.' || text.data[RFC3339_US_LEN - 1] != 'Z')
        return false;
    if (!rfc3339_read(text, &time) || time.seconds < 0)
        return false;
    *us = (uint64_t)time.seconds * US_PER_SECOND + time.nanoseconds / 1000;
    cursor->at += RFC3339_US_LEN;
    return true;
}

/* Bytes of numbers, true, false and null as json.c writes them. */
static inline bool is_scalar(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '+' || byte == '.';
}

/* One value, as far as brackets and quotes tell. */
static bool take_value(struct cursor *cursor, struct span *value)
{
    const uint8_t *begin = cursor->at;
    uint64_t brackets = 0; /* 1: a brace; the innermost is the lowest bit */
    unsigned depth = 0;
    struct span string;
    do {
        if (cursor->at == cursor->end)
            return false;
        uint8_t byte = *cursor->at;
        if (byte == '"') {
            if (!take_string(cursor, &string))
                return false;
            continue;
        }
        if (byte == '[' || byte == '{') {
            if (depth++ == SNAPSHOT_DEPTH_MAX)
                return false;
            brackets = brackets << 1 | (byte == '{');
        } else if (byte == ']' || byte == '}') {
            if (depth-- == 0 || (brackets & 1) != (byte == '}'))
                return false;
            brackets >>= 1;
        } else if (is_scalar(byte)) {
            while (cursor->at + 1 < cursor->end && is_scalar(cursor->at[1]))
                cursor->at++;
        } else if (depth == 0 || (byte != ',' && byte != ':')) {
            return false;
        }
        cursor->at++;
    } while (depth > 0);
    *value = span_of(begin, (size_t)(cursor->at - begin));
    return true;
}

/* The members of the event; values of absent ones have data NULL. */
static bool take_members(struct cursor *cursor, struct line_parts *parts)
{
    struct span *values = parts->values;
    values[KEY_CAUSE] = values[KEY_SNAPSHOT] = (struct span){NULL, 0};
    parts->simple = 0;
    return TAKE(cursor, "\"time\":") && take_text(cursor, parts, KEY_TIME) &&           //
           TAKE(cursor, ",\"level\":") && take_text(cursor, parts, KEY_LEVEL) &&        //
           TAKE(cursor, ",\"category\":") && take_text(cursor, parts, KEY_CATEGORY) &&  //
           TAKE(cursor, ",\"type\":") && take_text(cursor, parts, KEY_TYPE) &&          //
           TAKE(cursor, ",\"sourceId\":") && take_text(cursor, parts, KEY_SOURCE_ID) && //
           TAKE(cursor, ",\"summary\":") && take_text(cursor, parts, KEY_SUMMARY) &&    //
           (!TAKE(cursor, ",\"cause\":") || take_text(cursor, parts, KEY_CAUSE)) &&     //
           (!TAKE(cursor, ",\"snapshot\":") || take_value(cursor, &values[KEY_SNAPSHOT]));
}

static bool is_of_token(uint8_t byte)
{
    return is_scalar(byte) ? byte != '+' : (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static struct span inside_quotes(struct span string)
{
    return span_of(string.data + 1, string.len - 2);
}

/* Who sent the event; both members or none. */
static bool take_producer(struct cursor *cursor, struct line *out)
{
    out->producer = (struct span){NULL, 0};
    out->n = 0;
    if (!TAKE(cursor, ",\"producer\":"))
        return true;
    struct span name;
    if (!take_string(cursor, &name))
        return false;
    out->producer = inside_quotes(name);
    if (out->producer.len == 0 || out->producer.len > TOCSIN_PRODUCER_MAX)
        return false;
    for (size_t i = 0; i < out->producer.len; i++)
        if (!is_of_token(out->producer.data[i]))
            return false;
    return TAKE(cursor, ",\"n\":") && take_uint(cursor, &out->n);
}

static bool take_hash(struct cursor *cursor, struct line *out)
{
    if (!TAKE(cursor, ",\"hash\":\"") || cursor->end - cursor->at < HASH_DIGITS)
        return false;
    out->hash = span_of(cursor->at, HASH_DIGITS);
    for (size_t i = 0; i < HASH_DIGITS; i++) {
        uint8_t digit = out->hash.data[i];
        if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')))
            return false;
    }
    cursor->at += HASH_DIGITS;
    return true;
}

int line_read(struct span line, struct line *out)
{
    struct cursor cursor = {line.data, span_end(line)};
    struct span *values = out->parts.values;
    bool is_head = TAKE(&cursor, "{\"seq\":") && take_uint(&cursor, &out->seq) && out->seq > 0 &&
                   TAKE(&cursor, ",\"received\":\"") && take_received(&cursor, &out->received_us) &&
                   TAKE(&cursor, "\",");
    if (!is_head)
        return TOCSIN_E_SYNTAX;
    const uint8_t *members = cursor.at;
    if (!take_members(&cursor, &out->parts))
        return TOCSIN_E_SYNTAX;
    out->members = span_of(members, (size_t)(cursor.at - members));
    out->level = inside_quotes(values[KEY_LEVEL]);
    out->category = inside_quotes(values[KEY_CATEGORY]);
    out->type = inside_quotes(values[KEY_TYPE]);
    out->source_id = inside_quotes(values[KEY_SOURCE_ID]);

    if (!TAKE(&cursor, ",\"prev\":") || !take_uint(&cursor, &out->prev) || !take_producer(&cursor, out) ||
        !TAKE(&cursor, ",\"batch\":") || !take_uint(&cursor, &out->batch))
        return TOCSIN_E_SYNTAX;
    out->hashed = span_of(line.data, (size_t)(cursor.at - line.data));
    if (!take_hash(&cursor, out) || !TAKE(&cursor, "\"}") || cursor.at != cursor.end)
        return TOCSIN_E_SYNTAX;
    return 0;
}

/* The parts of a line's members. False, and *fault, when they are no members of an event. */
static bool find_parts(const struct line *line, struct line_parts *parts, struct json_fault *fault)
{
    struct cursor cursor = {line->members.data, span_end(line->members)};
    *parts = (struct line_parts){.simple = 0};
    if (take_members(&cursor, parts) && cursor.at == cursor.end)
        return true;
    if (fault)
        *fault = (struct json_fault){(size_t)(cursor.at - line->members.data), "no members of an event"};
    return false;
}

/* The value of a member, as MessagePack. */
static int write_value(const struct line *line, const struct line_parts *parts, size_t key, struct text *out,
                       struct json_fault *fault)
{
    struct span value = parts->values[key];
    if (parts->simple & 1U << key) {
        wire_write_str(out, inside_quotes(value));
        return out->failed ? TOCSIN_E_NOMEM : 0;
    }
    int error = json_read_value(value, JSON_DEPTH_MAX, out, fault);
    if (error == TOCSIN_E_SYNTAX && fault)
        fault->offset += (size_t)(value.data - line->members.data);
    return error;
}

int line_read_event(const struct line *line, struct text *out, struct json_fault *fault)
{
    struct line_parts found;
    const struct line_parts *parts = &line->parts;
    if (!parts->values[KEY_TIME].data) {
        if (!find_parts(line, &found, fault))
            return TOCSIN_E_SYNTAX;
        parts = &found;
    }
    size_t len_before = out->len;
    uint32_t count = KEY_CAUSE;
    count += parts->values[KEY_CAUSE].data != NULL;
    count += parts->values[KEY_SNAPSHOT].data != NULL;
    int error = 0;
    wire_write_map(out, count);
    for (size_t key = 0; key < KEY_COUNT && !error; key++) {
        if (!parts->values[key].data)
            continue;
        wire_write_str(out, span_of_str(names[key]));
        error = write_value(line, parts, key, out, fault);
    }
    if (error)
        out->len = len_before;
    return error;
}
