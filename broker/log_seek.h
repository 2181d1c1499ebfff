/* Finding a line in a file of the log without an index: its lines are sorted by seq and by time of receipt, so the
 * file is halved by its bytes, and each time the next line's head tells which half. Some twenty small reads in ten
 * gigabytes. */
#ifndef BROKER_LOG_SEEK_H
#define BROKER_LOG_SEEK_H

#include <stdint.h>

#include "broker/log_lines.h"

enum log_seek_key {
    LOG_SEEK_SEQ,
    LOG_SEEK_RECEIVED, /* microseconds */
};

struct log_seek_place {
    uint64_t offset; /* where the line begins */
    uint64_t seq;
    uint64_t received_us;
};

/* Finds the first line of a file whose key is at least `wanted`. `lines` is used for reading: its buffer should be
 * small (first_room). Lines that cannot be read are passed over. 1; 0 where there is no such line; a negative errno. */
int log_seek(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
             enum log_seek_key key, uint64_t wanted);

#endif
