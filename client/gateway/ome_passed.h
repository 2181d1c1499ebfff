/* Places in a file behind which all lines were put, and the numbers of the events before them: how far the file is
 * acknowledged follows from how far the numbers are. Pure. */
#ifndef CLIENT_GATEWAY_OME_PASSED_H
#define CLIENT_GATEWAY_OME_PASSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OME_PASSED_MAX 64

struct ome_place {
    uint64_t n;      /* of the last event before it */
    uint64_t offset; /* where the next line begins */
};

/* Where there are more than fit, the ones noted last are forgotten: then it is known less exactly for a while. */
struct ome_passed {
    struct ome_place places[OME_PASSED_MAX];
    size_t count;
};

/* Notes a place; both its numbers never go back. */
void ome_passed_note(struct ome_passed *passed, struct ome_place place);

/* Takes out the places through event `n`; false: there are none. `*place` is the last one. */
bool ome_passed_take(struct ome_passed *passed, uint64_t n, struct ome_place *place);

#endif
