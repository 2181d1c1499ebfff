/* What the files of `tocsin alert` share; nobody else includes it. */
#ifndef CLIENT_ALERT_ALERTING_H
#define CLIENT_ALERT_ALERTING_H

#include "client/alert/alert_state.h"
#include "client/alert/silences_file.h"
#include "client/out.h"
#include "client/sub_options.h"

#define ALERTING_GO_ON   (-1)
#define ALERTING_LATE_US UINT64_C(1000000) /* by so much time is late by the clock */

struct alerting {
    struct sub_options settings;
    const char *rules_path;
    struct alert_state state;
    struct silences_file silences;
    bool keeps_state;
    struct bridge bridge;
    bool has_begun;
    bool is_json;
    struct tocsin_stream *stream;
    struct out out;
    char *journal_path; /* owned; NULL: none is kept */
    struct text journal;
    bool has_journal_trouble; /* and it was told */
    bool is_lost;
    bool was_current;
    int64_t behind_us; /* the broker's clock behind ours */
    uint64_t saved_seq;
    uint64_t saved_changes;
};

/* From now on SIGHUP has the rules read again. */
void alerting_catch_hup(void);

/* Takes events, lets time go on, keeps what is known and sends. Returns ALERTING_GO_ON, or the exit code. */
int alerting_step(struct alerting *alerting);

/* What is under way is waited for a moment; what waits then is in the state, or told to be lost. Returns the code. */
int alerting_finish(struct alerting *alerting, int code);

#endif
