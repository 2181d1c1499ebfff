/* Room that is kept for a disk that is full: tocsind.reserve, a file of noise that is given up before a file of the log is
 * removed, so that the log can say so even where there is no room for a line, and what waits can be written. Only kept
 * where something may be removed at all. */
#ifndef BROKER_RETENTION_RESERVE_H
#define BROKER_RETENTION_RESERVE_H

#include "broker/retention_work.h"

/* More than a batch, LogPruned and the state take. */
#define RETENTION_RESERVE_MAX (UINT64_C(32) << 20)

/* Makes it where it is missing and there is room for it twice. */
void retention_reserve_keep(struct retention_work *work);

/* Gives it up: before a removal is told. */
void retention_reserve_give_up(struct retention_work *work);

/* For a start, before the log is written to: gives it up where the disk is full, or nothing is ever to be removed. */
void retention_reserve_begin(struct retention_work *work);

#endif
