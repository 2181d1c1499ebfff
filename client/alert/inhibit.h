/* Inhibition: an alert is not told of while another one goes on, as in Alertmanager's inhibit_rules. Pure. */
#ifndef CLIENT_ALERT_INHIBIT_H
#define CLIENT_ALERT_INHIBIT_H

#include "client/alert/label_matcher.h"

struct inhibit_rule {
    struct label_matchers source; /* the alert that goes on */
    struct label_matchers target; /* the alert that is not told of */
    struct members equal;         /* labels that both have alike, or lack both */
};

struct inhibit_rules {
    struct inhibit_rule *items;
    size_t count;
};

#define INHIBIT_RULES_MAX 1000u

/* Whether the one inhibits the other. An alert that is both, source and target of a rule, is not inhibited by such
 * others, nor by itself: else two could silence each other. */
bool inhibit_holds(const struct inhibit_rule *rule, const struct labels *source, const struct labels *target);

/* Whether any rule has these labels for its source, or for its target. */
bool inhibit_has_source(const struct inhibit_rules *rules, const struct labels *labels);
bool inhibit_has_target(const struct inhibit_rules *rules, const struct labels *labels);

void inhibit_rules_fini(struct inhibit_rules *rules);

#endif
