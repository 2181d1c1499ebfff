/* The whole state as JSON: `tocsin status -o json`. Pure. */
#ifndef CLIENT_TRACKER_STATE_JSON_H
#define CLIENT_TRACKER_STATE_JSON_H

#include "client/tracker/tracker.h"
#include "proto/text.h"

/* What is asked of the state, and what else is known. */
struct state_view {
    const struct tracker *tracker;
    const char *log_id; /* "": not known */
    uint64_t now_us;
    uint64_t stale_us; /* 0: no source counts as silent */
    bool is_utc;       /* dates of reports, and times in tables; those of JSON always are */
};

/* Appends one object without a newline. False when out of memory. */
bool state_json_write(struct text *out, const struct state_view *view);

#endif
