/* Looking through the directory of the log. */
#ifndef BROKER_LOG_FIND_H
#define BROKER_LOG_FIND_H

#include <stdint.h>

#include "broker/disk.h"
#include "broker/log_lasts.h"
#include "broker/log_mark.h"
#include "broker/log_name.h"

/* Finds the earlier day's file that was written last and is not empty: the one that begins with the highest seq, or one
 * that is named later and whose first line is damaged. `name` is "" when there is none. 0, or a negative errno with
 * `name` the file concerned ("": the directory). */
int log_find_newest(char name[LOG_NAME_MAX], const struct disk *disk, int dir, uint64_t line_max);

/* Advances `lasts` by the files before the one of `origin`, oldest first, as far back as some hundred megabytes. Files
 * that are gone end the search; that is no error. 0 or a negative errno. */
int log_find_lasts(struct log_lasts lasts, const struct log_origin *origin, const struct disk *disk, int dir,
                   uint64_t line_max);

/* As log_find_lasts, when they are known up to `known` in the file of *known_mark: only what follows there, when that
 * is the file right before the one of `origin`. 1 when so, 0 when it is not, or a negative errno. */
int log_find_lasts_after(struct log_lasts lasts, const struct log_mark *known, const struct log_origin *origin,
                         const struct disk *disk, int dir, uint64_t line_max);

#endif
