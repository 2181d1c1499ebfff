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

#endif
