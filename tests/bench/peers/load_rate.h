/* As many events as a peer takes of a load: the next leave when those before have arrived (a window), so that nothing is
 * dropped. */
#ifndef BENCH_LOAD_RATE_H
#define BENCH_LOAD_RATE_H

#include "tests/bench/peers/load.h"

struct load_rate {
    double events;    /* a second, that reached every consumer */
    double cpu_us;    /* processor time of the server for each */
    double memory_mb; /* of the server, at the end */
};

/* Starts the peer and stops it, in a process of its own; false when that failed, which it has told. Tells on stdout where
 * events were lost. */
bool load_measure(const struct peer *peer, const struct load *load, double duration_s, struct load_rate *rate);

/* The same in steps, so that several loads can be measured in turns while the machine is as fast as it is at the time: a
 * process with a peer that waits for its turns. */
struct load_stand {
    pid_t child;
    int fd; /* to it and from it */
};

/* Starts the peer; true when everything is connected. */
bool load_stand_open(struct load_stand *stand, const struct peer *peer, const struct load *load);

/* A turn; may follow one that failed, and fails again. */
bool load_stand_measure(const struct load_stand *stand, double duration_s, struct load_rate *rate);

/* Stops the peer; true when it ended well. */
bool load_stand_close(struct load_stand *stand);

#endif
