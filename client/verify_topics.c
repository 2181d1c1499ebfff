#include "client/verify_topics.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096u

void verify_topics_init(struct verify_topics *topics)
{
    *topics = (struct verify_topics){.slots = NULL};
    randombytes_buf(topics->key, sizeof topics->key);
}

void verify_topics_fini(struct verify_topics *topics)
{
    free(topics->slots);
    *topics = (struct verify_topics){.slots = NULL};
}

/* A category holds no '/', so the two with one between are one name. Longer ones than the protocol allows are hashed in
 * part; whether they are allowed is not judged here. */
static void hash_name(const struct verify_topics *topics, struct span category, struct span source_id, uint64_t out[2])
{
    uint8_t name[1024];
    size_t len = category.len < 256 ? category.len : 256;
    memcpy(name, category.data, len);
    name[len++] = '/';
    size_t rest = source_id.len < sizeof name - len ? source_id.len : sizeof name - len;
    memcpy(name + len, source_id.data, rest);
    crypto_shorthash_siphashx24((uint8_t *)out, name, len + rest, topics->key);
}

static struct verify_topic *find(const struct verify_topics *topics, const uint64_t name[2])
{
    size_t at = (size_t)name[0] & (topics->room - 1);
    while (topics->slots[at].seq != 0 && (topics->slots[at].name[0] != name[0] || topics->slots[at].name[1] != name[1]))
        at = (at + 1) & (topics->room - 1);
    return &topics->slots[at];
}

static bool grow(struct verify_topics *topics)
{
    struct verify_topics larger = {.room = topics->room == 0 ? FIRST_ROOM : 2 * topics->room};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < topics->room; i++)
        if (topics->slots[i].seq != 0)
            *find(&larger, topics->slots[i].name) = topics->slots[i];
    free(topics->slots);
    topics->slots = larger.slots;
    topics->room = larger.room;
    return true;
}

uint64_t verify_topics_advance(struct verify_topics *topics, struct span category, struct span source_id, uint64_t seq)
{
    uint64_t name[2];
    hash_name(topics, category, source_id, name);
    bool has_room = topics->count < VERIFY_TOPICS_MAX && 4 * (topics->count + 1) <= 3 * topics->room;
    if (!has_room && topics->count < VERIFY_TOPICS_MAX)
        has_room = grow(topics);
    if (topics->room == 0) {
        topics->is_full = true;
        return 0;
    }
    struct verify_topic *topic = find(topics, name);
    uint64_t before = topic->seq;
    if (before == 0 && !has_room) {
        topics->is_full = true;
        return 0;
    }
    topics->count += before == 0;
    *topic = (struct verify_topic){{name[0], name[1]}, seq};
    return before;
}
