#include "client/gateway/ome_passed.h"

#include <string.h>

void ome_passed_note(struct ome_passed *passed, struct ome_place place)
{
    bool is_new = passed->count == 0 || passed->places[passed->count - 1].offset != place.offset;
    if (is_new && passed->count < OME_PASSED_MAX)
        passed->count++;
    passed->places[passed->count - 1] = place;
}

bool ome_passed_take(struct ome_passed *passed, uint64_t n, struct ome_place *place)
{
    size_t count = 0;
    while (count < passed->count && passed->places[count].n <= n)
        *place = passed->places[count++];
    passed->count -= count;
    memmove(passed->places, passed->places + count, passed->count * sizeof *passed->places);
    return count > 0;
}
