/* A measurement in a process of its own: where it fails, its row is lost and not the table. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory that a child shares with us; never given back. Ends the program when there is none. */
void *child_share(size_t size);

/* Runs body (shared) in a child and waits for it; true when it returned. A child that fails has told why. */
bool child_run(void (*body)(void *shared), void *shared);

#endif
