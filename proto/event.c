/* One pass over the event's map. A good event is checked in the order of its bytes and never looked at again. After the
 * first fault the rest is only stepped over, to find where the next event of the frame begins; bytes that cannot be
 * stepped over make the whole event malformed, whatever was found before. */
#include "proto/event.h"

#include <stdlib.h>

#include "proto/bytes16.h"
#include "proto/error.h"
#include "proto/event_key.h"
#include "proto/event_value.h"
#include "proto/rfc3339.h"
#include "proto/utf8.h"
#include "proto/wire.h"

static const char *const key_names[] = {"level",   "category", "type",  "sourceId",
                                        "summary", "time",     "cause", "snapshot"};

struct event_judge {
    size_t max_event_bytes;
    struct value_checker *checker;
};

struct event_judge *event_judge_new(size_t max_event_bytes, uint64_t seed)
{
    struct event_judge *judge = calloc(1, sizeof *judge);
    if (!judge)
        return NULL;
    judge->max_event_bytes = max_event_bytes;
    judge->checker = value_checker_new(max_event_bytes, seed);
    if (!judge->checker) {
        free(judge);
        return NULL;
    }
    return judge;
}

void event_judge_free(struct event_judge **judge)
{
    if (!*judge)
        return;
    value_checker_free(&(*judge)->checker);
    free(*judge);
    *judge = NULL;
}

/* The lanes that hold none of [A-Za-z0-9_.-]. Sums wrap around so that a range begins at the lowest number there is. */
static inline bytes16 not_of_token(bytes16 bytes)
{
    bytes16 from_a = (bytes16)(((ubytes16)bytes | 0x20) - (uint8_t)('a' + 0x80)); /* of either case */
    bytes16 from_hyphen = (bytes16)((ubytes16)bytes - (uint8_t)('-' + 0x80));
    bytes16 is_letter = (bytes16)(from_a < INT8_MIN + 26);
    bytes16 is_other = (bytes16)(from_hyphen < INT8_MIN + 13) & (bytes16)(bytes != '/'); /* -./0123456789 */
    return ~(is_letter | is_other | (bytes16)(bytes == '_'));
}

static bool is_token(struct span text)
{
    if (text.len < 16)
        return !bytes16_any(not_of_token(bytes16_load_short(text.data, text.len)));
    const uint8_t *last = span_end(text) - 16;
    bytes16 found = not_of_token(bytes16_load(last));
    for (const uint8_t *at = text.data; at < last; at += 16)
        found |= not_of_token(bytes16_load(at));
    return !bytes16_any(found);
}

/* What is wrong with a text that does not have its form. */
static enum tocsin_refusal fault_of_text(struct span text)
{
    enum tocsin_refusal fault = value_check_str(text);
    return fault ? fault : TOCSIN_REFUSAL_VALUE;
}

static enum tocsin_refusal check_token(struct span text, size_t max_len)
{
    if (text.len == 0 || text.len > max_len)
        return TOCSIN_REFUSAL_LENGTH;
    return is_token(text) ? TOCSIN_ACCEPTED : fault_of_text(text);
}

static enum tocsin_refusal check_line(struct span text, size_t min_len, size_t max_len)
{
    if (text.len < min_len || text.len > max_len)
        return TOCSIN_REFUSAL_LENGTH;
    return utf8_inspect(text) == 0 ? TOCSIN_ACCEPTED : fault_of_text(text);
}

static enum tocsin_refusal check_level(struct span text, struct event *event)
{
    int level = level_of_word((const char *)text.data, text.len);
    if (level < 0)
        return fault_of_text(text);
    event->level = (enum tocsin_level)level;
    return TOCSIN_ACCEPTED;
}

static enum tocsin_refusal check_text_member(enum key key, struct span text, struct event *event)
{
    switch (key) {
    case KEY_TIME:
        event->time = text;
        return rfc3339_read(text, NULL) ? TOCSIN_ACCEPTED : fault_of_text(text);
    case KEY_LEVEL:
        return check_level(text, event);
    case KEY_CATEGORY:
        event->category = text;
        return check_token(text, TOCSIN_CATEGORY_MAX);
    case KEY_TYPE:
        event->type = text;
        return check_token(text, TOCSIN_TYPE_MAX);
    case KEY_SOURCE_ID:
        event->source_id = text;
        return check_line(text, 1, TOCSIN_SOURCE_ID_MAX);
    case KEY_SUMMARY:
        event->summary = text;
        return check_line(text, 0, TOCSIN_SUMMARY_MAX);
    default:
        event->cause = text;
        return check_token(text, TOCSIN_CAUSE_MAX);
    }
}

static inline enum tocsin_refusal check_member(struct event_judge *judge, struct wire_reader *reader, enum key key,
                                               struct event *event)
{
    if (key == KEY_SNAPSHOT) {
        struct wire_reader inner = *reader; /* so that the outer one can stay in registers */
        enum tocsin_refusal fault = value_check(judge->checker, &inner);
        event->snapshot = span_of(reader->at, (size_t)(inner.at - reader->at));
        *reader = inner;
        return fault;
    }
    struct wire_token token;
    switch (wire_read(reader, &token)) {
    case WIRE_STR:
        return check_text_member(key, token.as.bytes, event);
    case WIRE_END:
        return TOCSIN_REFUSAL_MALFORMED;
    default:
        return TOCSIN_REFUSAL_TYPE;
    }
}

/* The name of an unknown key, as much of it as an answer or a message needs to carry: whole characters. */
static struct span cut_name(struct span name)
{
    if (name.len <= TOCSIN_FIELD_MAX)
        return name;
    name.len = TOCSIN_FIELD_MAX;
    while ((name.data[name.len] & 0xc0) == 0x80)
        name.len--;
    return name;
}

/* Reads the key of a pair; on a fault `refusal` says so. */
static inline enum key read_key(struct wire_reader *reader, unsigned seen, struct refusal *refusal)
{
    struct wire_token token;
    enum wire_type type = wire_read(reader, &token);
    if (type != WIRE_STR) {
        refusal->code = type == WIRE_END ? TOCSIN_REFUSAL_MALFORMED : TOCSIN_REFUSAL_UNSUPPORTED;
        return KEY_NONE;
    }
    enum key key = key_of(token.as.bytes);
    if (key == KEY_NONE) {
        refusal->code = value_check_str(token.as.bytes);
        if (!refusal->code)
            *refusal = (struct refusal){TOCSIN_REFUSAL_UNKNOWN, cut_name(token.as.bytes)};
    } else if (seen & 1U << key) {
        *refusal = (struct refusal){TOCSIN_REFUSAL_DUPLICATE, token.as.bytes};
    }
    return key;
}

static void check_required(unsigned seen, struct refusal *refusal)
{
    if ((seen & REQUIRED_MASK) == REQUIRED_MASK)
        return;
    unsigned key = 0;
    while (seen & 1U << key)
        key++;
    *refusal = (struct refusal){TOCSIN_REFUSAL_MISSING, span_of_str(key_names[key])};
}

/* Checks pairs until all are read or one is at fault; then the reader stands before that pair and `*left` counts it. */
static void check_pairs(struct event_judge *judge, struct wire_reader *reader, uint32_t *left, struct event *event,
                        struct refusal *refusal)
{
    unsigned seen = 0;
    struct wire_reader ahead = *reader;
    for (; *left > 0; --*left) {
        enum key key = read_key(&ahead, seen, refusal);
        if (!refusal->code) {
            seen |= 1U << key;
            refusal->code = check_member(judge, &ahead, key, event);
            if (refusal->code)
                refusal->field = span_of_str(key_names[key]);
        }
        if (refusal->code)
            return;
        *reader = ahead;
    }
    check_required(seen, refusal);
}

static size_t refuse_malformed(struct refusal *refusal)
{
    *refusal = (struct refusal){TOCSIN_REFUSAL_MALFORMED, span_of("", 0)};
    return 0;
}

size_t event_judge(struct event_judge *judge, struct span bytes, struct event *event, struct refusal *refusal)
{
    struct wire_reader reader = wire_reader_of(bytes);
    *event = (struct event){.bytes = bytes};
    *refusal = (struct refusal){TOCSIN_ACCEPTED, span_of("", 0)};
    uint32_t left = 0;
    if (wire_read_map(&reader, &left)) {
        check_pairs(judge, &reader, &left, event, refusal);
        for (uint64_t values = 2 * (uint64_t)left; values > 0; values--) {
            if (!wire_skip(&reader))
                return refuse_malformed(refusal);
        }
    } else {
        refusal->code = TOCSIN_REFUSAL_TYPE;
        if (!wire_skip(&reader))
            return refuse_malformed(refusal);
    }
    event->bytes.len = (size_t)(reader.at - bytes.data);
    if (event->bytes.len > judge->max_event_bytes)
        *refusal = (struct refusal){TOCSIN_REFUSAL_LENGTH, span_of("", 0)};
    return event->bytes.len;
}
