/* Who was denied what: summed up by any thread, told by one, at a bounded rate however many there are. */
#ifndef BROKER_DENIALS_H
#define BROKER_DENIALS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "broker/access.h"
#include "proto/tocsin_base.h"

#define DENIALS_MAX         64
#define DENIALS_ADDRESS_MAX 45
#define DENIALS_REPEAT_US   60000000 /* of one and the same */

struct denial {
    const char *door;   /* static; NULL: free */
    const char *reason; /* static */
    char key[CURVE_Z85_LEN + 1];
    char address[DENIALS_ADDRESS_MAX + 1];
    char producer[TOCSIN_PRODUCER_MAX + 1];
    uint64_t count; /* since it was last told */
    uint64_t next_us;
};

struct denials {
    pthread_mutex_t lock;
    struct denial items[DENIALS_MAX];
};

void denials_init(struct denials *denials);
void denials_fini(struct denials *denials);

/* Notes `count` denials of a kind; door and reason are static texts, the others may be absent and are cut where they are
 * too long. Where there is no room for one more kind it counts as one of "too many kinds". From any thread. */
void denials_note(struct denials *denials, const struct denial *denial);

/* Fills a member of a denial, cut to its room. */
void denial_put(char *out, size_t size, struct span text);

/* The next kind that is to be told now: new ones at once, others when they were not told for DENIALS_REPEAT_US. False:
 * none is. */
bool denials_next(struct denials *denials, uint64_t now_us, struct denial *out);

#endif
