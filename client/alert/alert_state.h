/* The file in which the bridge keeps all that it knows, with its place in the log: replaced as a whole, so that it is
 * always that of one moment. */
#ifndef CLIENT_ALERT_ALERT_STATE_H
#define CLIENT_ALERT_ALERT_STATE_H

#include "client/alert/bridge.h"
#include "client/kept_file.h"
#include "client/stream_answer.h"

struct alert_state {
    struct kept_file file;
    struct text content; /* as it was read */
    struct wire_reader rest;
    bool is_there;
    uint64_t seq; /* all through it went through the rules */
    char log_id[STREAM_LOG_ID_LEN + 1];
    int64_t written_us; /* monotonic */
    int64_t pause_us;   /* until it is written again at the earliest */
};

/* Locks and reads. False: complained about. alert_state_close is due in any case. */
bool alert_state_open(struct alert_state *state, const char *path);
void alert_state_close(struct alert_state *state);

/* Gives the bridge, which is new, what was read. False: complained about. */
bool alert_state_restore(struct alert_state *state, struct bridge *bridge);

/* False: complained about, and the old one is there still. */
bool alert_state_write(struct alert_state *state, const struct bridge *bridge, uint64_t seq, const char *log_id);

#endif
