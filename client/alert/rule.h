/* A rule: which events, and what of them makes an alert. Read from a file by rules_file.h; all of it is owned by the
 * rules and does not change. */
#ifndef CLIENT_ALERT_RULE_H
#define CLIENT_ALERT_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/condition.h"

/* What is asked of the events that match; RULE_KIND(ID, key, meaning): the key in the file that makes it that kind. */
enum rule_kind {
#define RULE_KIND(id, key, meaning) RULE_##id,
#include "client/alert/rule_kind.def"
#undef RULE_KIND
    RULE_KIND_COUNT
};

/* All conditions must hold. One without conditions holds for no event. */
struct match {
    struct condition *conditions;
    size_t count;
};

/* A name and a text, ended by NUL both. In a text {{member}} stands for a member of the event. */
struct label {
    char *name;
    char *value;
};

struct labels {
    struct label *items;
    size_t count;
};

/* Sets the label, anew or for the first time; an empty value takes it away. False: out of memory. The value may hold no
 * NUL. */
bool labels_set(struct labels *labels, struct span name, struct span value);

/* NULL where there is none of that name. */
const char *labels_get(const struct labels *labels, const char *name);
void labels_sort(struct labels *labels); /* by name */
void labels_fini(struct labels *labels);

/* Members that tell alerts of one rule apart: each combination of their values is an alert of its own. */
struct members {
    struct span *items;
    size_t count;
};

struct rule {
    char *name;
    enum rule_kind kind;
    struct match match;
    struct match clear; /* ends the alert; of STATE only */
    struct members by;
    uint64_t for_us;    /* STATE: the state must last so long */
    uint64_t keep_us;   /* so long after its reason has gone an alert goes on; of EACH: so long after its last event */
    uint64_t window_us; /* COUNT: that many events within; ABSENT: none for so long; NEW: what comes in the first so
                             long is not new */
    uint32_t at_least;  /* COUNT */
    uint64_t forget_us; /* ABSENT: what has been silent for so long is forgotten */
    uint64_t repeat_us; /* so often an alert that goes on is told again; 0: as its receivers have it */
    struct labels labels; /* on top of alertname, category, type and sourceId */
    struct labels annotations;
    struct span *receivers; /* names */
    size_t receiver_count;
    size_t line; /* in the file, from 1 */
};

struct rules {
    struct rule *items;
    size_t count;
};

#define RULE_COUNT_MAX    10000  /* rules in a file */
#define RULE_AT_LEAST_MAX 100000 /* events that a COUNT waits for: their times are kept */

void rules_fini(struct rules *rules);

#endif
