/* A thread that waits for the disk in another's place: one fdatasync, or one write, at a time. */
#ifndef BROKER_SYNCER_H
#define BROKER_SYNCER_H

#include <stdbool.h>

struct syncer;

/* NULL when out of memory, file descriptors or threads. */
struct syncer *syncer_new(void);

/* Waits for what is under way. */
void syncer_free(struct syncer **syncer);

/* Has the thread call `work` with `arg`, which is borrowed until syncer_wait has returned. None may be under way. */
void syncer_begin(struct syncer *syncer, void (*work)(void *arg), void *arg);

/* True from when it has ended until syncer_wait. */
bool syncer_is_done(const struct syncer *syncer);

/* Becomes readable when it has ended; syncer_wait takes that back. */
int syncer_fd(const struct syncer *syncer);

/* Waits until the one that was begun has ended. */
void syncer_wait(struct syncer *syncer);

#endif
