/* The past through the rules: what `alert test` and `alert explain` have in common. */
#ifndef CLIENT_ALERT_REHEARSAL_H
#define CLIENT_ALERT_REHEARSAL_H

#include "client/alert/dispatch.h"
#include "client/source_told.h"
#include "client/sub_options.h"

struct rehearsal {
    struct sub_options settings;
    struct rules_file rules;
    struct silences silences;
    struct source source;
    struct source_told told;
    struct wanted wanted;
    struct progress progress;
    struct engine *engine; /* NULL before the first event */
    struct dispatch *dispatch;
    struct dispatch_calls calls;
    /* Called for each event that a rule's match holds for, and for each alert before what came of it is told; both may be
     * NULL. The context is that of the calls, as below. */
    void (*on_match)(void *context, const struct rule *rule, struct span key, const struct tocsin_message *message);
    void (*on_alert)(void *context, const struct alert *alert);
    /* 0, or an error of what was written, that ends it; may be NULL */
    int (*get_error)(void *context);
    bool is_read;
    uint64_t first;
    uint64_t alerts; /* that began or ended */
};

/* Reads options, rules and silences. False: complained of, a matter of usage. rehearsal_fini is due in any case. */
bool rehearsal_read(struct rehearsal *rehearsal, const struct options *options);
void rehearsal_fini(struct rehearsal *rehearsal);

/* Lets all events through, and time go on to its end: --until, else this moment where a broker was asked, else the last
 * event in the folder. Returns the exit code; what get_error returns is left to the caller, which is told EXIT_CODE_OK. */
int rehearsal_run(struct rehearsal *rehearsal, const struct dispatch_calls *calls);

/* Tells on standard error what was seen, and returns the exit code. */
int rehearsal_sum_up(const struct rehearsal *rehearsal);

#endif
