/* What recovery does to the bytes of a file. */
#ifndef BROKER_LOG_REPAIR_H
#define BROKER_LOG_REPAIR_H

#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_name.h"

/* Copies the file's bytes from `offset` to its end into a new file events.log.KIND.SEQ (with .1, .2 … where taken) and
 * makes that durable. `name` receives its name, *len its length. 0 or a negative errno, and then no file is left. */
int log_repair_set_aside(char name[LOG_NAME_MAX], uint64_t *len, const struct disk *disk, int dir, int fd,
                         uint64_t offset, const char *kind, uint64_t seq);

/* Gives a whole file the name events.log.KIND.SEQ, or the next that is free. 0 or a negative errno. */
int log_repair_rename(char name[LOG_NAME_MAX], const struct disk *disk, int dir, const char *from, const char *kind,
                      uint64_t seq);

/* Writes the bytes between two offsets again, in place, and syncs: after a failed sync the system may show bytes that
 * the disk does not hold, and would never write them by itself. 0 or a negative errno. */
int log_repair_rewrite(const struct disk *disk, int dir, const char *name, uint64_t from, uint64_t to);

#endif
