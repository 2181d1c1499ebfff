/* What a key may do, by its lists. */
#include "broker/access.h"
#include "broker/doors.h"
#include "proto/pattern.h"
#include "proto/tocsin_base.h"

static bool begins(struct span text, struct span prefix)
{
    return prefix.len <= text.len && (prefix.len == 0 || memcmp(text.data, prefix.data, prefix.len) == 0);
}

static bool matches_any(const struct access_list *list, struct span text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (pattern_matches(list->items[i], text))
            return true;
    }
    return false;
}

const char *access_forbids_event(const struct access_key *key, struct span category, struct span source_id)
{
    uint8_t topic[TOCSIN_TOPIC_MAX];
    size_t len = category.len + 1 + source_id.len;
    if (len > sizeof topic)
        return "sourceId"; /* no event that passed the judge is so long */
    memcpy(topic, category.data, category.len);
    topic[category.len] = '/';
    memcpy(topic + category.len + 1, source_id.data, source_id.len);
    struct span prefix = span_of(topic, category.len + 1);
    bool may_have_category = false;
    for (size_t i = 0; i < key->publish.count; i++) {
        struct span pattern = key->publish.items[i];
        if (pattern_matches(pattern, span_of(topic, len)))
            return NULL;
        may_have_category |= pattern_allows_prefix(pattern, prefix);
    }
    return may_have_category ? "sourceId" : "category";
}

bool access_may_produce(const struct access_key *key, struct span producer)
{
    size_t len = strlen(key->name);
    if (key->has_producers)
        return matches_any(&key->producers, producer);
    return producer.len >= len && memcmp(producer.data, key->name, len) == 0 &&
           (producer.len == len || producer.data[len] == '-');
}

bool access_may_publish(const struct access_key *key)
{
    return key->publish.count > 0;
}

bool access_may_stream(const struct access_key *key)
{
    return key->readable != NULL;
}

static bool may_open_realm(const struct access_key *key, const char *realm)
{
    for (size_t i = 0; i < key->realms.count; i++) {
        if (span_is(key->realms.items[i], realm))
            return true;
    }
    return key->live;
}

bool access_may_open(const struct access_key *key, const char *door)
{
    if (strcmp(door, "live") == 0)
        return key->live;
    if (strncmp(door, DOOR_REALM_PREFIX, strlen(DOOR_REALM_PREFIX)) == 0)
        return may_open_realm(key, door + strlen(DOOR_REALM_PREFIX));
    return strcmp(door, "stream") == 0 ? access_may_stream(key) || key->admin : access_may_publish(key);
}

static bool begins_with_any(struct span text, const struct span *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (begins(text, prefixes[i]))
            return true;
    }
    return false;
}

size_t access_readable(const struct access_key *key, const struct span *filters, size_t count, struct span *out)
{
    const struct access_list *read = &key->read;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (begins_with_any(filters[i], read->items, read->count))
            out[found++] = filters[i];
    }
    for (size_t i = 0; i < read->count; i++) {
        if (count == 0 || begins_with_any(read->items[i], filters, count))
            out[found++] = read->items[i];
    }
    return found;
}
