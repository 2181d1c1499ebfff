#include "client/alert/witness.h"

#include <stdlib.h>

#include "client/alert/groups.h"

struct witness {
    struct groups *index; /* group->seq is the place in `groups` */
    struct witness_group *groups;
    size_t count;
    size_t room;
};

struct witness *witness_new(uint64_t seed)
{
    struct witness *witness = calloc(1, sizeof *witness);
    if (!witness)
        return NULL;
    witness->index = groups_new(seed);
    if (!witness->index)
        witness_free(&witness);
    return witness;
}

void witness_free(struct witness **self)
{
    struct witness *witness = *self;
    if (!witness)
        return;
    groups_free(&witness->index);
    free(witness->groups);
    free(witness);
    *self = NULL;
}

static struct witness_group *obtain(struct witness *witness, uint32_t index, struct span key)
{
    struct group *group = groups_find(witness->index, index, key);
    if (group)
        return &witness->groups[group->seq];
    if (witness->count == WITNESS_GROUPS_MAX)
        return NULL;
    if (witness->count == witness->room) {
        size_t room = witness->room ? witness->room * 2 : 64;
        struct witness_group *groups = realloc(witness->groups, room * sizeof *groups);
        if (!groups)
            return NULL;
        witness->groups = groups;
        witness->room = room;
    }
    group = groups_add(witness->index, index, key);
    if (!group)
        return NULL;
    group->seq = witness->count;
    witness->groups[witness->count] = (struct witness_group){.count = 0};
    return &witness->groups[witness->count++];
}

static void copy_text(char *to, size_t size, struct tocsin_text from)
{
    size_t len = from.len < size - 1 ? from.len : size - 1;
    while (len > 0 && len < from.len && ((uint8_t)from.data[len] & 0xc0) == 0x80)
        len--; /* no half character */
    memcpy(to, from.data ? from.data : "", len);
    to[len] = '\0';
}

bool witness_note(struct witness *witness, uint32_t index, struct span key, const struct tocsin_message *message)
{
    struct witness_group *group = obtain(witness, index, key);
    if (!group)
        return false;
    struct witness_seen *seen = &group->seen[group->at];
    seen->seq = message->seq;
    seen->received_us = message->received_us;
    copy_text(seen->type, sizeof seen->type, message->type);
    copy_text(seen->summary, sizeof seen->summary, message->summary);
    group->at = (group->at + 1) % WITNESS_SEEN_MAX;
    group->count++;
    return true;
}

const struct witness_group *witness_find(const struct witness *witness, uint32_t index, struct span key)
{
    const struct group *group = groups_find(witness->index, index, key);
    return group ? &witness->groups[group->seq] : NULL;
}
