/* Finding a line in a file of the log: its lines are sorted by seq and by time of receipt, so the file is halved by its
 * bytes, and each time the next line's head tells which half. Some twenty small reads in ten gigabytes; an index
 * (log_index.h) spares most of them, and may be wrong in whatever way. */
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

/* What someone says of a file. It is looked at, never believed: of a lie comes the time of a search without it, and
 * then as much again at most. All zero: nothing is said. */
struct log_seek_hint {
    struct log_seek_place before; /* a line that comes before what is wanted; offset 0: none */
    uint64_t behind_offset;       /* where a line begins that does not; 0: none */
    bool is_wrong;                /* set where the file says otherwise */
};

/* Finds the first line of a file whose key is at least `wanted`. `lines` is used for reading: its buffer should be
 * small (first_room). Lines that cannot be read are passed over. 1; 0 where there is no such line; a negative errno. */
int log_seek(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
             enum log_seek_key key, uint64_t wanted, struct log_seek_hint *hint);

/* The first line that begins at or behind `offset` (above 0) and can be read, of the next few dozen: 1, 0 where there is
 * none, or a negative errno. `lines` is used for reading, and then stands behind that line. */
int log_seek_line(struct log_seek_place *place, struct log_lines *lines, const struct disk *disk, int fd,
                  uint64_t offset);

#endif
