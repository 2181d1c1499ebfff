/* Frames lent to libzmq: how much of what was sent has not left yet.
 *
 * A PUB socket drops in silence what exceeds its high water mark. So the socket gets none (SNDHWM 0), and the bound is
 * kept here: each frame is lent with a function that libzmq calls when the frame has gone to the operating system, and
 * a frame for which there is no room is not sent. Frames outlive the socket by a moment, and so does the outbox: it
 * ends with its last frame. All functions may be called from any thread. */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "proto/span.h"

struct outbox;

/* Room for `limit_bytes`; one frame goes in whatever its length when nothing else is under way. NULL: out of memory. */
struct outbox *outbox_new(size_t limit_bytes);

/* The owner lets go; what is still lent comes back later and ends it. Leaves NULL. */
void outbox_release(struct outbox **outbox);

/* Waits until `len` bytes have room. 0, or TOCSIN_E_FULL at the deadline (of clock_now_us). */
int outbox_wait_room(struct outbox *outbox, size_t len, int64_t deadline_us);

/* Waits until nothing is under way. 0 or TOCSIN_E_TIMEOUT. */
int outbox_wait_empty(struct outbox *outbox, int64_t deadline_us);

/* Copies the frame and sends it on the socket, without waiting; `events` is what it counts for. 0, TOCSIN_E_NOMEM or
 * TOCSIN_E_IO. */
int outbox_send(struct outbox *outbox, void *socket, struct span frame, uint32_t events);

/* Events under way. */
uint64_t outbox_events(struct outbox *outbox);

#endif
