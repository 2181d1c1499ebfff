/* What the labels of an alert must be, as Alertmanager writes it: severity="critical", sourceId=~"sip.*". Pure. */
#ifndef CLIENT_ALERT_LABEL_MATCHER_H
#define CLIENT_ALERT_LABEL_MATCHER_H

#include <regex.h>

#include "client/alert/rule.h"

struct label_matcher {
    char *name;
    char *value;
    bool is_regex; /* POSIX extended, of the whole value */
    bool is_equal; /* else the label must not be it */
    regex_t regex;
};

/* All must hold. */
struct label_matchers {
    struct label_matcher *items;
    size_t count;
};

#define LABEL_MATCHERS_MAX 100u

/* Adds what is written in the text: NAME, one of = != =~ !~, and a value, maybe in double quotes (\" and \\ in them).
 * False with the reason in `why`, as "expected …"; memory that runs out is one. */
bool label_matchers_add(struct label_matchers *matchers, struct span text, struct text *why);

/* The same by its parts; none may hold a NUL. */
bool label_matchers_add_parts(struct label_matchers *matchers, struct span name, struct span value, bool is_regex,
                              bool is_equal, struct text *why);
void label_matchers_fini(struct label_matchers *matchers);

/* Whether all hold; a label that is not there is empty. None hold where there are none. */
bool label_matchers_hold(const struct label_matchers *matchers, const struct labels *labels);

/* Appends it as it is written: severity="critical". */
void label_matcher_put(struct text *out, const struct label_matcher *matcher);

/* As Prometheus has names of labels. */
bool label_name_is_good(struct span name);

#endif
