/* The last seq of every topic, for the check of prev. Topics are known by a keyed hash of 128 bits; memory is bounded:
 * beyond VERIFY_TOPICS_MAX new ones are not remembered. */
#ifndef CLIENT_VERIFY_TOPICS_H
#define CLIENT_VERIFY_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

#define VERIFY_TOPICS_MAX 4000000u

struct verify_topic {
    uint64_t name[2]; /* its hash */
    uint64_t seq;     /* 0: the slot is free */
};

struct verify_topics {
    uint8_t key[16];
    struct verify_topic *slots;
    size_t room;  /* a power of two, or 0 */
    size_t count; /* of topics */
    bool is_full; /* some topic was not remembered */
};

void verify_topics_init(struct verify_topics *topics);
void verify_topics_fini(struct verify_topics *topics);

/* Sets the last seq of the topic (category and source as the line writes them); the one before, 0 where none is known.
 * When memory runs out the table counts as full. */
uint64_t verify_topics_advance(struct verify_topics *topics, struct span category, struct span source_id, uint64_t seq);

#endif
