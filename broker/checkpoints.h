/* The log's checkpoints (PROTOCOL.md section 5): where it stands, signed, in events.log.sig beside it.
 *
 * For the journal's thread. What it cannot write it writes later: losing checkpoints loses evidence, never data, so no
 * failure here is a reason to stop. The file is opened, mended and created at the first write, and again when someone
 * has moved it away. */
#ifndef BROKER_CHECKPOINTS_H
#define BROKER_CHECKPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_file.h"
#include "proto/checkpoint.h"

#define CHECKPOINTS_NAME        "events.log.sig"
#define CHECKPOINTS_INTERVAL_US 10000000u
#define CHECKPOINTS_LINES       10000u

struct checkpoints;

/* Opens the key, makes it when there is none (log_key.h), and says so. `dir` and `tail`, which follows the log, are
 * borrowed; `disk` NULL: disk_real. 0, or an error of log_key_open with its message. */
int checkpoints_open(struct checkpoints **checkpoints, const struct disk *disk, const char *dir,
                     const struct log_tail *tail, const char *key_path, struct text *message);
void checkpoints_close(struct checkpoints **checkpoints);

/* True when there are lines to sign and it is time to: some seconds after the last try or, where `is_synced` (all that
 * was written is durable), after some thousand lines. `now_us` is monotonic. */
bool checkpoints_is_due(const struct checkpoints *checkpoints, uint64_t now_us, bool is_synced);

/* Signs where the log stands, unless that is signed already; all lines must be durable. With `must_last` the file is
 * synced, too. 0; TOCSIN_E_NOSPACE or TOCSIN_E_IO, and then it is due again after some seconds. */
int checkpoints_write(struct checkpoints *checkpoints, uint64_t now_us, bool must_last);

/* The seq through which the log is signed, as far as this life of the broker knows. */
uint64_t checkpoints_signed_seq(const struct checkpoints *checkpoints);

/* The sentence about the last failure; "" where there was none since the last checkpoint. */
const char *checkpoints_trouble(const struct checkpoints *checkpoints);

/* Looks for the last whole line of an open file of `len` bytes, which ends at *end (what follows it was cut short).
 * 1 when it is a checkpoint, 0 when not, or a negative errno. */
int checkpoints_read_last(struct checkpoint *last, uint64_t *end, const struct disk *disk, int fd, uint64_t len);

/* The seq of the last checkpoint in the directory `dir`, if it is of this log; else 0. Its signature is not checked. */
uint64_t checkpoints_last_seq(const struct disk *disk, int dir, const char *log_id);

#endif
