#include "client/replay_pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Slower than that, a second takes a day. */
#define SPEED_MIN (1.0 / 86400)
#define SPEED_MAX 1e9

/* A wait of a hundred years does for any. */
#define WAIT_MAX_US 3.2e15

bool replay_pace_read(const char *text, double *speed)
{
    char *end;
    *speed = 0;
    if (strcmp(text, "max") == 0)
        return true;
    double number = strtod(text, &end);
    if (end == text || (*end && strcmp(end, "x") != 0))
        return false;
    *speed = number;
    return isfinite(number) && number >= SPEED_MIN && number <= SPEED_MAX;
}

int64_t replay_pace_due_us(struct replay_pace *pace, uint64_t received_us, int64_t now_us)
{
    if (!pace->has_begun) {
        pace->has_begun = true;
        pace->first_received_us = received_us;
        pace->begun_us = now_us;
    }
    if (pace->speed <= 0 || received_us <= pace->first_received_us)
        return now_us;
    double wait_us = (double)(received_us - pace->first_received_us) / pace->speed;
    return pace->begun_us + (int64_t)(wait_us < WAIT_MAX_US ? wait_us : WAIT_MAX_US);
}
