/* What lies behind the last sound line: the remains of a batch that a crash cut short, or proof of damage? */
#ifndef BROKER_LOG_DAMAGE_H
#define BROKER_LOG_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_mark.h"

struct log_damage {
    bool is_proven;   /* a line of a later batch follows: what is bad here was durable before */
    bool is_foreign;  /* the file never was a log: even its first bytes are not those of a line */
    uint64_t seq_max; /* the highest seq that is still legible, 0: none */
};

/* Looks at all bytes behind `end`, where a line with `next_seq` was to be written. 0 or a negative errno. */
int log_damage_look(struct log_damage *damage, const struct disk *disk, int fd, const struct log_place *end,
                    uint64_t next_seq);

#endif
