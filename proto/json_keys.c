/* A few keys are compared each with each; many are sorted by a heap: k log k comparisons whatever the sender chose, and
 * no hash that he could steer. */
#include "proto/json_keys.h"

#include "proto/json_scan.h"
#include "proto/wire.h"

#define FEW_KEYS 16

struct key {
    uint32_t offset; /* from base */
    uint32_t len;
};

struct keys {
    const uint8_t *base;
    struct key *at;
    size_t count;
};

static inline bool is_same(const struct keys *keys, struct key a, struct key b)
{
    return a.len == b.len && memcmp(keys->base + a.offset, keys->base + b.offset, a.len) == 0;
}

/* Order of length, then of content, then of appearance. */
static bool is_before(const struct keys *keys, struct key a, struct key b)
{
    if (a.len != b.len)
        return a.len < b.len;
    int order = memcmp(keys->base + a.offset, keys->base + b.offset, a.len);
    return order != 0 ? order < 0 : a.offset < b.offset;
}

static void sift_down(const struct keys *keys, size_t root, size_t count)
{
    struct key key = keys->at[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && is_before(keys, keys->at[child], keys->at[child + 1]))
            child++;
        if (!is_before(keys, key, keys->at[child]))
            break;
        keys->at[root] = keys->at[child];
    }
    keys->at[root] = key;
}

static void sort(const struct keys *keys)
{
    for (size_t root = keys->count / 2; root-- > 0;)
        sift_down(keys, root, keys->count);
    for (size_t last = keys->count - 1; last > 0; last--) {
        struct key largest = keys->at[0];
        keys->at[0] = keys->at[last];
        keys->at[last] = largest;
        sift_down(keys, 0, last);
    }
}

static uint32_t first_repeated_of_few(const struct keys *keys)
{
    for (uint32_t i = 1; i < keys->count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (is_same(keys, keys->at[i], keys->at[j]))
                return i;
    return 0;
}

static uint32_t first_repeated_of_many(const struct keys *keys)
{
    sort(keys);
    uint32_t offset = UINT32_MAX;
    for (size_t i = 1; i < keys->count; i++)
        if (keys->at[i].offset < offset && is_same(keys, keys->at[i - 1], keys->at[i]))
            offset = keys->at[i].offset;
    if (offset == UINT32_MAX)
        return 0;
    uint32_t index = 0;
    for (size_t i = 0; i < keys->count; i++)
        index += keys->at[i].offset < offset;
    return index;
}

bool json_keys_check(struct text *out, size_t content, uint32_t count, uint32_t *repeated)
{
    size_t padding = -out->len % sizeof(struct key);
    if (!text_reserve(out, padding + count * sizeof(struct key)))
        return false;
    struct keys keys = {(const uint8_t *)out->data + content, NULL, count};
    keys.at = (struct key *)(void *)(out->data + out->len + padding);
    struct wire_reader reader = wire_reader_of(span_of(keys.base, out->len - content));
    for (size_t i = 0; i < count; i++) {
        struct span name = {NULL, 0};
        wire_read_str(&reader, &name);
        keys.at[i] = (struct key){(uint32_t)(name.data - keys.base), (uint32_t)name.len};
        wire_skip(&reader);
    }
    *repeated = count <= FEW_KEYS ? first_repeated_of_few(&keys) : first_repeated_of_many(&keys);
    return true;
}

const uint8_t *json_keys_find(const uint8_t *at, const uint8_t *end, uint32_t index)
{
    unsigned depth = 0;
    for (; index > 0 && at < end; at++) {
        if (*at == '"')
            at = json_scan_string(at + 1, end);
        else if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']')
            depth--;
        else if (*at == ',' && depth == 0)
            index--;
    }
    while (at < end && *at != '"')
        at++;
    return at;
}
