/* The caches beside the log's files, as retention keeps them: today's grows every few seconds, a rolled file takes its
 * with it, one that is missing or wrong is made, one whose file has gone is removed. None of it is worth an error: the
 * log is as good without. */
#ifndef BROKER_RETENTION_INDEX_H
#define BROKER_RETENTION_INDEX_H

#include "broker/retention_work.h"

/* Does what the indexes are in need of: today's, and that of one file of an earlier day. No more than a
 * second or two of it: what is to be removed does not wait long. True when there is more to be done. */
bool retention_index_step(struct retention_work *work, uint64_t now_us);

/* Removes the index of a file that is to go. */
void retention_index_remove(const struct retention_work *work, const struct retention_file *file);

/* Removes those whose file has gone: a removal that was killed half way, or someone's hand. */
void retention_index_tidy(const struct retention_work *work);

#endif
