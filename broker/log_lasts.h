/* What recovery finds out from the lines of the log: every topic's last seq and every producer's last event. */
#ifndef BROKER_LOG_LASTS_H
#define BROKER_LOG_LASTS_H

#include <stdbool.h>

#include "broker/producers.h"
#include "broker/topics.h"
#include "proto/json_read.h"
#include "proto/text.h"

/* Borrowed; either may be NULL: not wanted. */
struct log_lasts {
    struct topics *topics;
    struct producers *producers;
};

/* Forgets everything. */
void log_lasts_clear(struct log_lasts lasts);

/* Advances by a line; `scratch` is room for its work. */
void log_lasts_advance(struct log_lasts lasts, const struct line *line, struct text *scratch);

#endif
