/* What programs that measure tocsind alone use of it. */
#ifndef BENCH_PEER_TOCSIN_H
#define BENCH_PEER_TOCSIN_H

#include "tests/bench/peers/peer.h"

extern const struct peer peer_tocsin_interval;

/* Brokers that start from now on go on with the log in this directory (borrowed); NULL: each has a new one. */
void peer_tocsin_use_log(const char *log_dir);

#endif
