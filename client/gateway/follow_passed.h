/* Places in a file behind which all lines were put, and the numbers of the events before them: how far the file is
 * acknowledged follows from how far the numbers are. Pure. */
#ifndef CLIENT_GATEWAY_FOLLOW_PASSED_H
#define CLIENT_GATEWAY_FOLLOW_PASSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLLOW_PASSED_MAX 64

struct follow_place {
    uint64_t n;      /* of the last event before it */
    uint64_t offset; /* where the next line begins */
};

/* Where there are more than fit, the ones noted last are forgotten: then it is known less exactly for a while. */
struct follow_passed {
    struct follow_place places[FOLLOW_PASSED_MAX];
    size_t count;
};

/* Notes a place; both its numbers never go back. */
void follow_passed_note(struct follow_passed *passed, struct follow_place place);

/* Takes out the places through event `n`; false: there are none. `*place` is the last one. */
bool follow_passed_take(struct follow_passed *passed, uint64_t n, struct follow_place *place);

#endif
