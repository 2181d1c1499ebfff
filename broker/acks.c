#include "broker/acks.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void acks_init(struct acks *acks)
{
    *acks = (struct acks){0};
}

void acks_fini(struct acks *acks)
{
    free(acks->items);
    free(acks->place_of_slot);
    acks_init(acks);
}

static bool reserve_slot(struct acks *acks, uint32_t slot)
{
    if (slot < acks->slot_room)
        return true;
    size_t room = acks->slot_room ? acks->slot_room : FIRST_ROOM;
    while (room <= slot)
        room *= 2;
    uint32_t *places = realloc(acks->place_of_slot, room * sizeof *places);
    if (!places)
        return false;
    memset(places + acks->slot_room, 0, (room - acks->slot_room) * sizeof *places);
    acks->place_of_slot = places;
    acks->slot_room = room;
    return true;
}

bool acks_reserve(struct acks *acks, uint32_t slot)
{
    if (acks->count == acks->room) {
        size_t room = acks->room ? 2 * acks->room : FIRST_ROOM;
        struct settled_ack *items = realloc(acks->items, room * sizeof *items);
        if (!items)
            return false;
        acks->items = items;
        acks->room = room;
    }
    return reserve_slot(acks, slot);
}

void acks_note(struct acks *acks, uint32_t slot, const struct producer_last *last)
{
    if (acks->place_of_slot[slot] == 0) {
        acks->count++;
        acks->place_of_slot[slot] = (uint32_t)acks->count;
    }
    acks->items[acks->place_of_slot[slot] - 1] = (struct settled_ack){slot, *last};
}

void acks_clear(struct acks *acks)
{
    for (size_t i = 0; i < acks->count; i++)
        acks->place_of_slot[acks->items[i].slot] = 0;
    acks->count = 0;
}
