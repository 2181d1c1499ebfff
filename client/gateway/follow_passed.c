#include "client/gateway/follow_passed.h"

#include <string.h>

void follow_passed_note(struct follow_passed *passed, struct follow_place place)
{
    bool is_new = passed->count == 0 || passed->places[passed->count - 1].offset != place.offset;
    if (is_new && passed->count < FOLLOW_PASSED_MAX)
        passed->count++;
    passed->places[passed->count - 1] = place;
}

bool follow_passed_take(struct follow_passed *passed, uint64_t n, struct follow_place *place)
{
    size_t count = 0;
    while (count < passed->count && passed->places[count].n <= n)
        *place = passed->places[count++];
    passed->count -= count;
    memmove(passed->places, passed->places + count, passed->count * sizeof *passed->places);
    return count > 0;
}
