/* Three parts: `entries`, dense, one a topic; `slots`, an open-addressed table of (tag, entry), at most three quarters
 * full; and the names in an arena, each behind the number of its entry, so that the arena can be closed up in place
 * when forgotten names have left holes.
 *
 * To make room the hand looks at the next few entries and forgets the one with the lowest seq: seqs only rise, so the
 * lowest is the one that has been quiet for longest. */
#include "broker/topics.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/tocsin_base.h"

#define TOPICS_MAX    (1u << 24)
#define NAME_MAX_LEN  (TOCSIN_TOPIC_MAX - 1)
#define SAMPLE        8u /* entries that compete for being forgotten */
#define FIRST_ENTRIES 64u
#define FIRST_NAMES   4096u
#define ABSENT        UINT32_MAX
#define NAME_HEAD_LEN sizeof(uint32_t)

struct entry {
    uint64_t seq;
    uint64_t name_at; /* of the name's head in the arena */
    uint32_t tag;
    uint32_t name_len;
};

struct slot {
    uint32_t tag;
    uint32_t entry; /* ABSENT: free */
};

struct topics {
    struct entry *entries;
    struct slot *slots;
    uint8_t *names;
    size_t count, entry_room, max;
    size_t slot_mask;
    size_t names_len, names_room, names_dead;
    size_t hand;
    uint32_t recent; /* the entry that was last advanced, if it is still that */
    uint64_t evicted;
    uint8_t key[crypto_shorthash_KEYBYTES];
};

struct topics *topics_new(size_t max, uint64_t seed)
{
    struct topics *topics = max == 0 || max > TOPICS_MAX ? NULL : calloc(1, sizeof *topics);
    if (topics == NULL)
        return NULL;
    topics->max = max;
    memcpy(topics->key, (uint64_t[2]){seed, ~seed}, sizeof topics->key);
    return topics;
}

void topics_free(struct topics **topics)
{
    if (*topics == NULL)
        return;
    free((*topics)->entries);
    free((*topics)->slots);
    free((*topics)->names);
    free(*topics);
    *topics = NULL;
}

static uint32_t tag_of(const struct topics *topics, struct span topic)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t tag;

    crypto_shorthash(hash, topic.data, topic.len, topics->key);
    memcpy(&tag, hash, sizeof tag);
    return tag;
}

static struct span name_of(const struct topics *topics, const struct entry *entry)
{
    return span_of(topics->names + entry->name_at + NAME_HEAD_LEN, entry->name_len);
}

/* The slot that holds the topic, or the free one where it belongs. There always is a free one. */
static size_t find_slot(const struct topics *topics, struct span topic, uint32_t tag)
{
    size_t at = tag & topics->slot_mask;
    for (;; at = (at + 1) & topics->slot_mask) {
        const struct slot *slot = &topics->slots[at];
        if (slot->entry == ABSENT)
            return at;
        if (slot->tag == tag && span_equals(name_of(topics, &topics->entries[slot->entry]), topic))
            return at;
    }
}

static size_t slot_of_entry(const struct topics *topics, uint32_t index)
{
    size_t at = topics->entries[index].tag & topics->slot_mask;
    while (topics->slots[at].entry != index)
        at = (at + 1) & topics->slot_mask;
    return at;
}

/* Frees a slot and moves those up that had to step over it, so that no search ends too early. */
static void free_slot(struct topics *topics, size_t hole)
{
    size_t mask = topics->slot_mask;
    for (size_t at = (hole + 1) & mask; topics->slots[at].entry != ABSENT; at = (at + 1) & mask) {
        size_t home = topics->slots[at].tag & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        topics->slots[hole] = topics->slots[at];
        hole = at;
    }
    topics->slots[hole].entry = ABSENT;
}

static bool grow_slots(struct topics *topics, size_t entry_room)
{
    size_t room = 1;
    while (room * 3 / 4 < entry_room + 1)
        room *= 2;
    struct slot *slots = malloc(room * sizeof *slots);
    if (slots == NULL)
        return false;
    memset(slots, 0xff, room * sizeof *slots); /* all ABSENT */
    free(topics->slots);
    topics->slots = slots;
    topics->slot_mask = room - 1;
    for (size_t i = 0; i < topics->count; i++) {
        size_t at = topics->entries[i].tag & topics->slot_mask;
        while (slots[at].entry != ABSENT)
            at = (at + 1) & topics->slot_mask;
        slots[at] = (struct slot){topics->entries[i].tag, (uint32_t)i};
    }
    return true;
}

static bool grow_entries(struct topics *topics)
{
    size_t wanted = topics->entry_room == 0 ? FIRST_ENTRIES : topics->entry_room * 2;
    size_t room = wanted > topics->max ? topics->max : wanted;
    struct entry *entries = realloc(topics->entries, room * sizeof *entries);
    if (entries == NULL)
        return false;
    topics->entries = entries;
    if (!grow_slots(topics, room))
        return false;
    topics->entry_room = room;
    return true;
}

/* Closes the holes in the arena. */
static void close_up_names(struct topics *topics)
{
    size_t to = 0;
    for (size_t from = 0; from < topics->names_len;) {
        uint32_t head;
        memcpy(&head, topics->names + from, sizeof head);
        bool is_dead = (head & 0x80000000u) != 0;
        size_t len = NAME_HEAD_LEN + (is_dead ? head & 0x7fffffffu : topics->entries[head].name_len);
        if (!is_dead) {
            memmove(topics->names + to, topics->names + from, len);
            topics->entries[head].name_at = to;
            to += len;
        }
        from += len;
    }
    topics->names_len = to;
    topics->names_dead = 0;
}

/* Makes room for a name of `len` bytes; closing up pays only when it frees a good part. */
static bool reserve_name(struct topics *topics, size_t len)
{
    size_t need = NAME_HEAD_LEN + len;
    if (topics->names_room - topics->names_len >= need)
        return true;
    if (topics->names_dead >= topics->names_room / 4 + need) {
        close_up_names(topics);
        return true;
    }
    size_t room = topics->names_room == 0 ? FIRST_NAMES : topics->names_room * 2;
    uint8_t *names = realloc(topics->names, room);
    if (names == NULL) {
        close_up_names(topics);
        return topics->names_room - topics->names_len >= need;
    }
    topics->names = names;
    topics->names_room = room;
    return true;
}

static void bury_name(struct topics *topics, const struct entry *entry)
{
    uint32_t head = 0x80000000u | entry->name_len;
    memcpy(topics->names + entry->name_at, &head, sizeof head);
    topics->names_dead += NAME_HEAD_LEN + entry->name_len;
}

/* Forgets one topic; the last entry moves into its place. */
static void evict_one(struct topics *topics)
{
    uint32_t victim = 0;
    for (size_t i = 0; i < SAMPLE; i++) {
        topics->hand = topics->hand + 1 < topics->count ? topics->hand + 1 : 0;
        if (i == 0 || topics->entries[topics->hand].seq < topics->entries[victim].seq)
            victim = (uint32_t)topics->hand;
    }
    free_slot(topics, slot_of_entry(topics, victim));
    bury_name(topics, &topics->entries[victim]);
    uint32_t last = (uint32_t)(topics->count - 1);
    if (victim != last) {
        topics->slots[slot_of_entry(topics, last)].entry = victim;
        topics->entries[victim] = topics->entries[last];
        memcpy(topics->names + topics->entries[victim].name_at, &victim, sizeof victim);
    }
    topics->count--;
    topics->evicted++;
}

static void add(struct topics *topics, struct span topic, uint32_t tag, uint64_t seq)
{
    uint32_t index = (uint32_t)topics->count;
    topics->entries[index] = (struct entry){seq, topics->names_len, tag, (uint32_t)topic.len};
    memcpy(topics->names + topics->names_len, &index, sizeof index);
    memcpy(topics->names + topics->names_len + NAME_HEAD_LEN, topic.data, topic.len);
    topics->names_len += NAME_HEAD_LEN + topic.len;
    topics->count++;
    topics->slots[find_slot(topics, topic, tag)] = (struct slot){tag, index};
}

uint64_t topics_advance(struct topics *topics, struct span topic, uint64_t seq)
{
    if (topic.len == 0 || topic.len > NAME_MAX_LEN || seq == 0)
        return 0;
    /* events of a topic often follow each other: then there is nothing to be found */
    bool is_again =
        topics->recent < topics->count && span_equals(name_of(topics, &topics->entries[topics->recent]), topic);
    uint32_t tag = is_again ? 0 : tag_of(topics, topic);
    if (topics->count > 0) {
        uint32_t index = is_again ? topics->recent : topics->slots[find_slot(topics, topic, tag)].entry;
        if (index != ABSENT) {
            uint64_t previous = topics->entries[index].seq;
            topics->entries[index].seq = seq;
            topics->recent = index;
            return previous;
        }
    }
    if (topics->count == topics->entry_room && (topics->count == topics->max || !grow_entries(topics))) {
        if (topics->count == 0)
            return 0;
        evict_one(topics);
    }
    while (!reserve_name(topics, topic.len)) {
        if (topics->count == 0)
            return 0;
        evict_one(topics);
    }
    add(topics, topic, tag, seq);
    return 0;
}

uint64_t topics_last(const struct topics *topics, struct span topic)
{
    if (topics->count == 0 || topic.len == 0 || topic.len > NAME_MAX_LEN)
        return 0;
    const struct slot *slot = &topics->slots[find_slot(topics, topic, tag_of(topics, topic))];
    return slot->entry == ABSENT ? 0 : topics->entries[slot->entry].seq;
}

void topics_clear(struct topics *topics)
{
    if (topics->slots != NULL)
        memset(topics->slots, 0xff, (topics->slot_mask + 1) * sizeof *topics->slots);
    topics->count = topics->hand = 0;
    topics->names_len = topics->names_dead = 0;
}

size_t topics_count(const struct topics *topics)
{
    return topics->count;
}

uint64_t topics_evicted(const struct topics *topics)
{
    return topics->evicted;
}

bool topics_next(const struct topics *topics, size_t *at, struct span *topic, uint64_t *seq)
{
    if (*at >= topics->count)
        return false;
    const struct entry *entry = &topics->entries[(*at)++];
    *topic = name_of(topics, entry);
    *seq = entry->seq;
    return true;
}
