/* A bounded ring of messages between two threads: one puts in, one takes out, neither ever waits for a lock.
 *
 * The producer reserves room, fills it, commits, and flushes once for many: only then does the consumer see them (and
 * is woken if it sleeps). The consumer takes message after message and releases them together. */
#ifndef BROKER_RING_H
#define BROKER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* `capacity` bytes, rounded up to a power of two. Pages are touched only as they are used, the first ones again and again
 * as long as the consumer keeps up. NULL when memory or file descriptors have run out. */
struct ring *ring_new(size_t capacity);
void ring_free(struct ring **ring);

/* The longest message that always fits an empty ring. */
size_t ring_message_max(const struct ring *ring);

/* Producer: room for a message of `len` bytes, aligned to 8; NULL when the ring is full. Nothing is taken before
 * ring_commit, which may be told a smaller length. */
void *ring_reserve(struct ring *ring, size_t len);
void ring_commit(struct ring *ring, size_t len);

/* Producer: shows the consumer all that was committed, and wakes it if it sleeps. Where nothing is new it is left asleep. */
void ring_flush(struct ring *ring);

/* Producer: as ring_flush, for a consumer that need not hurry: it is not woken before a quarter of the ring
 * is full, or 256 KiB wait. */
void ring_show(struct ring *ring);

/* Producer: wakes the consumer if it sleeps, for what ring_show has shown or for another reason. */
void ring_wake(struct ring *ring);

/* Producer: gives back to the system the memory that was not needed since the call before the last one, but for the first
 * mebibyte. Meant to be called about once a second; does nothing while there are messages. */
void ring_trim(struct ring *ring);

/* Producer: true when messages, committed or shown, take more than `len` bytes. */
bool ring_is_longer(struct ring *ring, size_t len);

/* Consumer: the next message, NULL when there is none. It stays in place until ring_release, which gives back all
 * messages taken so far. */
const void *ring_next(struct ring *ring, size_t *len);
void ring_release(struct ring *ring);

/* Consumer: to sleep, arm; when that returns true, poll ring_fd for reading (with any timeout), then disarm. False:
 * there is a message already. */
bool ring_arm(struct ring *ring);
void ring_disarm(struct ring *ring);
int ring_fd(const struct ring *ring);

/* Bytes taken at the moment; from any thread. */
size_t ring_used(const struct ring *ring);
size_t ring_capacity(const struct ring *ring);

#endif
