/* The value is walked token by token with a stack of our own. Keys of a small map are kept beside its frame, where a
 * 64-bit filter spares most comparisons; the keys of large maps go to the hash set. */
#include "proto/event_value.h"

#include <math.h>
#include <stdlib.h>

#include "proto/key_set.h"
#include "proto/utf8.h"

#define SMALL_MAP_KEYS 16

struct frame {
    uint32_t left; /* items of an array, pairs of a map, still to come */
    bool is_map;
    bool is_large;
    uint8_t key_count;
    uint32_t map; /* number of this map within the event */
    uint64_t filter;
    struct span keys[SMALL_MAP_KEYS];
};

struct value_checker {
    struct key_set *keys;
    unsigned depth;
    uint32_t map_count;
    struct frame frames[TOCSIN_DEPTH_MAX];
};

struct value_checker *value_checker_new(size_t max_bytes, uint64_t seed)
{
    struct value_checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return NULL;
    /* a key and its value take two bytes at least */
    checker->keys = key_set_new(max_bytes / 2 + 1, seed);
    if (!checker->keys) {
        free(checker);
        return NULL;
    }
    return checker;
}

void value_checker_free(struct value_checker **checker)
{
    if (!*checker)
        return;
    key_set_free(&(*checker)->keys);
    free(*checker);
    *checker = NULL;
}

enum tocsin_refusal value_check_str(struct span text)
{
    unsigned findings = utf8_inspect(text);
    if (findings & UTF8_INVALID)
        return TOCSIN_REFUSAL_UTF8;
    return findings & UTF8_NUL ? TOCSIN_REFUSAL_UNSUPPORTED : TOCSIN_ACCEPTED;
}

static bool is_repeated_in_small_map(struct frame *frame, struct span key)
{
    uint64_t sum = key.len;
    if (key.len > 0)
        sum += 31U * key.data[0] + 7U * key.data[key.len / 2] + 13U * key.data[key.len - 1];
    uint64_t bit = UINT64_C(1) << (sum & 63);
    if (frame->filter & bit) {
        for (unsigned i = 0; i < frame->key_count; i++) {
            if (span_equals(frame->keys[i], key))
                return true;
        }
    }
    frame->filter |= bit;
    frame->keys[frame->key_count++] = key;
    return false;
}

static inline enum tocsin_refusal check_key(struct value_checker *checker, struct frame *frame,
                                            struct wire_reader *reader)
{
    struct wire_token token;
    switch (wire_read(reader, &token)) {
    case WIRE_END:
        return TOCSIN_REFUSAL_MALFORMED;
    case WIRE_STR:
        break;
    default:
        return TOCSIN_REFUSAL_UNSUPPORTED;
    }
    enum tocsin_refusal fault = value_check_str(token.as.bytes);
    if (fault)
        return fault;
    if (!frame->is_large)
        return is_repeated_in_small_map(frame, token.as.bytes) ? TOCSIN_REFUSAL_DUPLICATE : TOCSIN_ACCEPTED;
    switch (key_set_add(checker->keys, frame->map, token.as.bytes)) {
    case KEY_SET_REPEATED:
        return TOCSIN_REFUSAL_DUPLICATE;
    case KEY_SET_FULL:
        return TOCSIN_REFUSAL_LENGTH;
    default:
        return TOCSIN_ACCEPTED;
    }
}

static enum tocsin_refusal open_container(struct value_checker *checker, const struct wire_token *token)
{
    if (checker->depth == TOCSIN_DEPTH_MAX)
        return TOCSIN_REFUSAL_DEPTH;
    struct frame *frame = &checker->frames[checker->depth++];
    frame->left = token->as.count;
    frame->is_map = token->type == WIRE_MAP;
    frame->is_large = token->as.count > SMALL_MAP_KEYS;
    frame->key_count = 0;
    frame->filter = 0;
    if (frame->is_map)
        frame->map = checker->map_count++;
    return TOCSIN_ACCEPTED;
}

static inline enum tocsin_refusal check_item(struct value_checker *checker, struct wire_reader *reader)
{
    struct wire_token token;
    switch (wire_read(reader, &token)) {
    case WIRE_END:
        return TOCSIN_REFUSAL_MALFORMED;
    case WIRE_BIN:
    case WIRE_EXT:
        return TOCSIN_REFUSAL_UNSUPPORTED;
    case WIRE_FLOAT:
        return isfinite(token.as.f) ? TOCSIN_ACCEPTED : TOCSIN_REFUSAL_UNSUPPORTED;
    case WIRE_STR:
        return value_check_str(token.as.bytes);
    case WIRE_ARRAY:
    case WIRE_MAP:
        return open_container(checker, &token);
    default:
        return TOCSIN_ACCEPTED;
    }
}

enum tocsin_refusal value_check(struct value_checker *checker, struct wire_reader *reader)
{
    checker->depth = 0;
    checker->map_count = 0;
    key_set_clear(checker->keys);
    struct wire_reader ahead = *reader; /* in registers */
    enum tocsin_refusal fault = check_item(checker, &ahead);
    while (!fault && checker->depth > 0) {
        struct frame *frame = &checker->frames[checker->depth - 1];
        if (frame->left == 0) {
            checker->depth--;
            continue;
        }
        frame->left--;
        if (frame->is_map)
            fault = check_key(checker, frame, &ahead);
        if (!fault)
            fault = check_item(checker, &ahead);
    }
    *reader = ahead;
    return fault;
}
