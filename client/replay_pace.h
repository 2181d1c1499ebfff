/* When the next event of a replay is due. Pure: the time comes from outside. */
#ifndef CLIENT_REPLAY_PACE_H
#define CLIENT_REPLAY_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct replay_pace {
    double speed; /* 2: twice as fast as it was received; 0: as fast as can be */
    bool has_begun;
    uint64_t first_received_us;
    int64_t begun_us;
};

/* "max", or a number above 0 with or without an x behind it: 1, 10x, 0.5. */
bool replay_pace_read(const char *text, double *speed);

/* The moment, by the clock of now_us, when an event received at received_us is due; the first one is due now. */
int64_t replay_pace_due_us(struct replay_pace *pace, uint64_t received_us, int64_t now_us);

#endif
