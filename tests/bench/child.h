/* A measurement in a process of its own: where it fails, its row is lost and not the table. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Zeroed memory that a child shares with us; never given back. Ends the program when there is none. */
void *child_share(size_t size);

/* Runs body (shared) in a child, which dies with us; `shared` need only live until this returns if it is not memory that
 * they share. */
pid_t child_start(void (*body)(void *shared), void *shared);

/* Waits until it ends; true when its body returned. */
bool child_wait(pid_t child);

/* Runs body (shared) in a child and waits for it; true when it returned. A child that fails has told why. */
bool child_run(void (*body)(void *shared), void *shared);

#endif
